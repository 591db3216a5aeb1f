"""Jobs and trials in the admin: the same lists, and the same verbs through the same services."""

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
from .services.jobs import delete_job
from .services.pause import pause_job, unpause_job
from .services.retry import retry_failed_trials
from .services.run import cancel_job, confirm_job, resume_job, start_job


class EventInline(ReadOnlyInline):
    model = TuningEvent
    fields = ["created_at", "kind", "actor_name", "detail"]


class AttemptInline(ReadOnlyInline):
    model = TuningAttempt
    fields = ["number", "outcome", "reason", "error", "epoch", "run", "started_at", "finished_at"]


@admin.register(TuningJob)
class TuningJobAdmin(ReadOnlyAdmin):
    """Jobs. They are created and changed on their pages, where every fault is shown at its field."""

    list_display = [
        "name",
        "status",
        "dataset_id",
        "base_model_id",
        "metric_name",
        "best",
        "progress",
        "created_at",
    ]
    list_filter = ["status", "dataset", "base_model_id", "metric_name", "project", "created_at"]
    search_fields = ["name", "=id"]
    date_hierarchy = "created_at"
    inlines = [EventInline]
    actions = ["start", "cancel", "resume", "pause", "unpause", "retry", "confirm", "delete_jobs"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TuningJob]:
        return super().get_queryset(request).with_progress()

    @admin.display(description="best", ordering="best_value")
    def best(self, job: TuningJob) -> str:
        return score(job.best_value)

    @admin.display(description="trials")
    def progress(self, job: Any) -> str:
        failed = f", {job.failed_trials} failed" if job.failed_trials else ""
        return f"{job.ended_trials}/{job.num_samples}{failed}"

    @admin.action(description="Start the selected jobs", permissions=["act"])
    def start(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "started", start_job)

    @admin.action(description="Cancel the selected jobs", permissions=["act"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "canceled, or will be within seconds", cancel_job)

    @admin.action(description="Resume the selected jobs", permissions=["act"])
    def resume(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "in the queue again", resume_job)

    @admin.action(description="Pause the selected jobs", permissions=["act"])
    def pause(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "paused", pause_job)

    @admin.action(description="Go on with the selected paused jobs", permissions=["act"])
    def unpause(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "going on", unpause_job)

    @admin.action(description="Retry all failed trials of the selected jobs", permissions=["act"])
    def retry(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "going on with the trials that had failed", retry_failed_trials)

    @admin.action(description="Confirm the winners of the selected jobs", permissions=["act"])
    def confirm(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "in the queue, to be confirmed", confirm_job)

    @admin.action(description="Delete the selected jobs", permissions=["remove"])
    def delete_jobs(self, request: HttpRequest, jobs: QuerySet[TuningJob]) -> None:
        self._act(request, jobs, "deleted", delete_job)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Deleting goes through the service, which refuses live jobs, never through admin's own cascade."""
        return request.user.has_perm("tuning.delete_tuningjob")

    def _act(self, request: HttpRequest, jobs: QuerySet[TuningJob], done: str, service: Callable[..., Any]) -> None:
        act_on_rows(request, jobs, done, lambda job: service(job=job, actor=request.user))


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
    """What happened, to every job."""

    list_display = ["created_at", "subject", "kind", "actor_name", "detail"]
    list_filter = ["kind", "created_at"]
    search_fields = ["subject", "=subject_id", "actor_name", "detail"]
