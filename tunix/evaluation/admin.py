"""Evaluations and baselines in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from tunix.pages.admin import CancelableAdmin, ReadOnlyAdmin

from .models import Baseline, Evaluation
from .services import cancel_evaluation


@admin.register(Evaluation)
class EvaluationAdmin(CancelableAdmin):
    """Verdicts of judges on runs."""

    list_display = ["__str__", "run", "status", "score_mean", "items", "created_at"]
    list_filter = ["status", "judge", "split", "created_at"]
    list_select_related = ["run"]
    search_fields = ["run__name", "=run__id", "=id"]
    exclude = ["item_scores", "item_groups"]

    def cancel_row(self, row: Evaluation, actor: Any) -> Evaluation:
        return cancel_evaluation(evaluation=row, actor=actor)


@admin.register(Baseline)
class BaselineAdmin(ReadOnlyAdmin):
    """Named runs that others are compared with."""

    list_display = ["name", "dataset", "judge", "judge_version", "split", "run", "created_at"]
    list_select_related = ["dataset", "run"]
