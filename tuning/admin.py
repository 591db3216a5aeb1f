"""Jobs and trials in the admin. Its actions are the verbs of the table that work on several rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from tunix.pages.admin import ReadOnlyAdmin, ReadOnlyInline, act_on_rows
from tunix.pages.templatetags.pages import score

from .models import TuningAttempt, TuningEvent, TuningJob, TuningTrial
from .services.verb import Selection, Verb
from .services.verbs import JOB_VERBS


class EventInline(ReadOnlyInline):
    model = TuningEvent
    fields = ["created_at", "kind", "actor_name", "detail"]


class AttemptInline(ReadOnlyInline):
    model = TuningAttempt
    fields = ["number", "outcome", "reason", "error", "epoch", "run", "started_at", "finished_at"]


def action_of(verb: Verb, selection: Selection) -> Callable[..., None]:
    """An action that performs a verb on each selected row."""

    def act(_: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[TuningJob]) -> None:
        act_on_rows(request, rows, selection.done, lambda row: verb.perform(row, actor=request.user, data={}))

    act.__name__ = verb.name
    return admin.action(description=selection.label)(act)


@admin.register(TuningJob)
class TuningJobAdmin(ReadOnlyAdmin):
    """Jobs. They are created and changed on their pages, which show each error at its field."""

    list_display = [
        "name",
        "status",
        "dataset_id",
        "base_model_id",
        "method",
        "metric_name",
        "best",
        "progress",
        "created_at",
    ]
    list_filter = ["status", "dataset", "base_model_id", "method", "metric_name", "project", "created_at"]
    search_fields = ["name", "=id"]
    date_hierarchy = "created_at"
    inlines = [EventInline]
    actions = [action_of(verb, verb.selection) for verb in JOB_VERBS.values() if verb.selection]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TuningJob]:
        return super().get_queryset(request).with_progress()

    @admin.display(description="best", ordering="best_value")
    def best(self, job: TuningJob) -> str:
        return score(job.best_value)

    @admin.display(description="trials")
    def progress(self, job: Any) -> str:
        failed = f", {job.failed_trials} failed" if job.failed_trials else ""
        return f"{job.ended_trials}/{job.num_samples}{failed}"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without the verbs that the user has no permission for."""
        refused = {name for name, verb in JOB_VERBS.items() if not request.user.has_perm(verb.permission)}
        return {name: action for name, action in super().get_actions(request).items() if name not in refused}


@admin.register(TuningTrial)
class TuningTrialAdmin(ReadOnlyAdmin):
    """Trials. Only the ledger writes them."""

    list_display = ["__str__", "job", "status", "metric_value", "reason", "started_at", "finished_at"]
    list_filter = ["status", "kind", "reason"]
    list_select_related = ["job"]
    search_fields = ["job__name", "=job__id"]
    ordering = ["-pk"]
    inlines = [AttemptInline]

    def view_on_site(self, trial: TuningTrial) -> str:
        return reverse("tuning:trial-detail", args=[trial.job_id, trial.number])


@admin.register(TuningEvent)
class TuningEventAdmin(ReadOnlyAdmin):
    """The audit trail of jobs."""

    list_display = ["created_at", "subject", "kind", "actor_name", "detail"]
    list_filter = ["kind", "created_at"]
    search_fields = ["subject", "=subject_id", "actor_name", "detail"]
