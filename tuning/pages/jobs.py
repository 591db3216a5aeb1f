"""The list of jobs, the audit trail, and the page of one job with its fragments."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.generic import DetailView, View
from django.views.generic.detail import SingleObjectMixin

from tunix.pages.lists import ListPage
from tunix.pages.live import fragment
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.runs.outputs import read_log

from ..domain.selection.power_forecast import ASKED_DIFFERENCE
from ..filters import TuningEventFilter, TuningJobFilter
from ..ledger.files import request_of
from ..models import TuningEvent, TuningJob
from ..preflight import check_job
from ..services.warm_start import warm_start_of
from .job import is_polling, progress_context, trials_context
from .space_rows import space_rows

LOG_LINES = 400
EVENTS = 200
POINTS = {"1": 0.01, "2": 0.02, "3": 0.03, "5": 0.05, "10": 0.1}
"""The differences that the check can be asked about, by points of score."""
TABS = {"trials": "Trials", "definition": "Definition", "check": "Check", "history": "Events and log"}


class JobList(ListPage):
    """All jobs."""

    queryset = TuningJob.objects.with_progress().select_related("owner")
    filterset_class = TuningJobFilter
    template_name = "tuning/job_list.html"
    title = "Tuning jobs"


class AuditTrail(ListPage):
    """The events of all jobs, deleted ones included, newest first."""

    queryset = TuningEvent.objects.all()
    filterset_class = TuningEventFilter
    template_name = "tuning/audit.html"
    title = "Audit trail"


class JobPage(PermissionRequiredMixin, SingleObjectMixin):
    """A job for its page and its fragments."""

    permission_required = "tuning.view_tuningjob"

    def get_queryset(self) -> QuerySet[TuningJob]:
        related = TuningJob.objects.with_progress().select_related("dataset", "owner", "best_trial", "best_run")
        return related.defer("dataset__manifest_json", "best_run__environment_json")


class JobDetail(JobPage, DetailView):
    """One job: its progress, its trials, its definition, its history."""

    template_name = "tuning/job_detail.html"
    context_object_name = "job"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = self.object
        tab = self.request.GET.get("tab")
        tab = tab if tab in TABS else "trials"
        context = super().get_context_data(**kwargs) | progress_context(job, self.request.user)
        context |= {"title": job.name, "tabs": TABS, "tab": tab}
        return context | getattr(self, f"{tab}_tab")(job)

    def trials_tab(self, job: TuningJob) -> dict[str, Any]:
        return trials_context(job, self.request.GET)

    def definition_tab(self, job: TuningJob) -> dict[str, Any]:
        about = {"space": space_rows(job), "known": HYPERPARAMETERS, "warm_start": warm_start_of(job)}
        return {"definition": request_of(job)} | about

    def check_tab(self, job: TuningJob) -> dict[str, Any]:
        asked = self.request.GET.get("difference", "")
        difference = POINTS.get(asked, ASKED_DIFFERENCE)
        return {"preflight": check_job(job=job, difference=difference), "differences": POINTS, "difference": difference}

    def history_tab(self, job: TuningJob) -> dict[str, Any]:
        events = job.events.select_related("actor")[:EVENTS]
        return {"events": events, "log": read_log(job.work_dir(), LOG_LINES)}


class JobProgress(JobPage, View):
    """The fragment with the progress of a job."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.get_object()
        context = progress_context(job, request.user)
        return fragment(request, "tuning/partials/_job_progress.html", context, live=is_polling(job))


class JobTrials(JobPage, View):
    """The fragment with the trials of a job."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.get_object()
        context = trials_context(job, request.GET)
        return fragment(request, "tuning/partials/_trials.html", context, live=is_polling(job))
