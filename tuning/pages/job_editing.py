"""The pages that create a job and change one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property

from tunix.pages.service_form import ServiceFormPage
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.runs.pages.promotion_form import prefilled
from tunix.runs.pages.snippets import snippets

from ..domain.importers.importing import TOOLS
from ..domain.space.distributions.registry import KINDS
from ..models import TuningJob
from ..services.clone import clone_job
from ..services.jobs import create_job, update_job
from ..services.verbs import JOB_VERBS, refusal
from .forms import JobForm


class JobFormPage(ServiceFormPage):
    """The form of a job."""

    form_class = JobForm
    template_name = "tuning/job_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "known": HYPERPARAMETERS,
            "snippets": snippets(),
            "kinds": [asdict(kind) for kind, _ in KINDS.values()],
        }

    def show_saved(self, job: TuningJob, done: str) -> None:
        """What was done, and what is unusual about the definition, as messages."""
        messages.success(self.request, done)
        for path, texts in job.definition_warnings.items():  # type: ignore[attr-defined]
            messages.warning(self.request, f"{path}: {' '.join(texts)}")


class JobNew(JobFormPage):
    """A new job, filled in with a working example, or with the definition of the job `?from=`."""

    permission_required = JOB_VERBS["clone"].permission
    extra_context = {"title": "New tuning job", "tools": sorted(TOOLS)}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | prefilled(self.request.GET)

    @cached_property
    def source(self) -> TuningJob | None:
        """The job that is cloned."""
        asked = self.request.GET.get("from")
        if not asked:
            return None
        try:
            return get_object_or_404(TuningJob.objects.select_related("dataset"), pk=asked)
        except ValidationError:
            raise Http404("This is not the id of a job.") from None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"source": self.source}

    def save(self, data: dict[str, Any]) -> TuningJob:
        actor = self.request.user
        if self.source is not None:
            job = clone_job(job=self.source, data=data, actor=actor)
        else:
            job = create_job(data=data, owner=actor)
        self.show_saved(job, JOB_VERBS["clone"].done)
        return job


class JobEdit(JobFormPage):
    """Edit a job: every field before its start, some limits afterwards."""

    permission_required = JOB_VERBS["edit"].permission

    @cached_property
    def job(self) -> TuningJob:
        return get_object_or_404(TuningJob.objects.select_related("dataset"), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if reason := refusal(self.job, "edit"):
            messages.error(request, reason)
            return redirect(self.job)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"job": self.job}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"title": f"Edit {self.job.name}", "job": self.job}

    def save(self, data: dict[str, Any]) -> TuningJob:
        job = update_job(job=self.job, data=data, actor=self.request.user)
        self.show_saved(job, JOB_VERBS["edit"].done)
        return job
