"""Base models and runs in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tunix.pages.admin import CancelableAdmin, ReadOnlyAdmin, act_on_rows

from .base_models.deletion import delete_model
from .generations import cancel_generation
from .models import BaseModel, Generation, TunixRun
from .services import cancel_run


@admin.register(BaseModel)
class BaseModelAdmin(ReadOnlyAdmin):
    """Base models: built in, promoted and added."""

    list_display = ["base_model_id", "family", "parameters", "source", "license", "description"]
    list_filter = ["family", "source"]
    search_fields = ["base_model_id"]
    actions = ["delete_models"]

    @admin.action(description="Delete the selected models", permissions=["remove"])
    def delete_models(self, request: HttpRequest, models: QuerySet[BaseModel]) -> None:
        act_on_rows(request, models, "deleted", lambda model: delete_model(model=model, actor=request.user))

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Deletion uses the service, which also removes the folder, not the cascade of the admin."""
        return request.user.has_perm("runs.delete_basemodel")


@admin.register(TunixRun)
class TunixRunAdmin(CancelableAdmin):
    """Single runs and the runs of trials."""

    list_display = [
        "__str__",
        "status",
        "origin",
        "dataset",
        "base_model_id",
        "method",
        "score_mean",
        "created_at",
        "owner",
    ]
    list_filter = ["status", "origin", "dataset", "base_model_id", "method", "project", "created_at"]
    list_select_related = ["dataset", "owner"]
    search_fields = ["name", "=id"]
    date_hierarchy = "created_at"

    @admin.display(description="score")
    def score_mean(self, run: TunixRun) -> float | None:
        return run.metrics_json.get("score_mean")

    def cancel_row(self, row: TunixRun, actor: Any) -> TunixRun:
        return cancel_run(run=row, actor=actor)


@admin.register(Generation)
class GenerationAdmin(CancelableAdmin):
    """Prompts that were sent to the models of runs. They expire."""

    list_display = ["__str__", "run", "status", "created_at", "owner"]
    list_filter = ["status", "created_at"]
    list_select_related = ["run", "owner"]
    search_fields = ["=run__id", "=id"]

    def cancel_row(self, row: Generation, actor: Any) -> Generation:
        return cancel_generation(row)
