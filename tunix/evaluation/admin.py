"""Evaluations and baselines in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tunix.pages.admin import ReadOnlyAdmin, act_on_rows

from .models import Baseline, Evaluation
from .services import cancel_evaluation


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """Verdicts of judges on runs."""

    list_display = ["__str__", "run", "status", "score_mean", "items", "created_at"]
    list_filter = ["status", "judge", "split", "created_at"]
    list_select_related = ["run"]
    search_fields = ["run__name", "=run__id", "=id"]
    exclude = ["item_scores"]
    actions = ["cancel"]

    @admin.action(description="Cancel the selected evaluations", permissions=["act"])
    def cancel(self, request: HttpRequest, evaluations: QuerySet[Evaluation]) -> None:
        act_on_rows(
            request,
            evaluations,
            "canceled, or will be within seconds",
            lambda evaluation: cancel_evaluation(evaluation=evaluation, actor=request.user),
        )


@admin.register(Baseline)
class BaselineAdmin(ReadOnlyAdmin):
    """Named runs that others are compared with."""

    list_display = ["name", "dataset", "judge", "judge_version", "split", "run", "created_at"]
    list_select_related = ["dataset", "run"]
