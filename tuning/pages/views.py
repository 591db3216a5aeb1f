"""Pages of jobs and trials. What changes something is a service; the API calls the same ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, View
from django.views.generic.detail import SingleObjectMixin

from tunix.api.exceptions import InvalidInput, ServiceError
from tunix.pages.lists import ListPage, by_name
from tunix.pages.live import fragment
from tunix.pages.verbs import VerbView, tell, whole_number_or_text
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.runs.charts import loss_figure
from tunix.runs.models import BaseModel
from tunix.runs.outputs import read_curves, read_log
from tunix.runs.promotion_form import PromotionForm, prefilled
from tunix.runs.snippets import snippets

from ..analysis.best import front_of
from ..analysis.early_stopping import why_stopped
from ..analysis.guards import job_guards_of
from ..domain.importers.importing import TOOLS
from ..domain.space.distributions.registry import KINDS
from ..filters import TuningEventFilter, TuningJobFilter
from ..ledger.files import request_of
from ..models import TuningEvent, TuningJob, TuningTrial
from ..preflight import check_job
from ..services.clone import clone_job
from ..services.extend import extend_job
from ..services.jobs import create_job, delete_job, update_job
from ..services.pause import pause_job, unpause_job
from ..services.promote import promote_winner, trial_promotion_context
from ..services.retry import retry_failed_trials
from ..services.run import cancel_job, confirm_job, resume_job, start_job
from ..services.transitions import why_not
from ..services.warm_start import warm_start_of
from .forms import JobForm
from .job import is_polling, progress_context, trials_context
from .space_rows import space_rows
from .trials import verbs_context

LOG_LINES = 400
EVENTS = 200
TABS = {"trials": "Trials", "definition": "Definition", "check": "Check", "history": "Events and log"}


class JobList(ListPage):
    """All jobs."""

    queryset = TuningJob.objects.with_progress().select_related("owner")
    filterset_class = TuningJobFilter
    template_name = "tuning/job_list.html"
    title = "Tuning jobs"
    columns = by_name("name", "status", "base_model_id", "metric_name", "best_value", "num_samples", "created_at") | {
        "dataset_key": "dataset_id",
        "owner": "owner__username",
    }


class AuditTrail(ListPage):
    """What happened to all jobs, those that are gone included, latest first."""

    queryset = TuningEvent.objects.all()
    filterset_class = TuningEventFilter
    template_name = "tuning/audit.html"
    title = "Audit trail"
    columns = by_name("created_at")


class JobPage(PermissionRequiredMixin, SingleObjectMixin):
    """What the page of one job and its fragments have in common."""

    permission_required = "tuning.view_tuningjob"

    def get_queryset(self) -> QuerySet[TuningJob]:
        related = TuningJob.objects.with_progress().select_related("dataset", "owner", "best_trial", "best_run")
        return related.defer("dataset__manifest_json", "best_run__environment_json")


class JobDetail(JobPage, DetailView):
    """One job: how it stands, its trials, its definition, its history."""

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
        return {"preflight": check_job(job=job)}

    def history_tab(self, job: TuningJob) -> dict[str, Any]:
        events = job.events.select_related("actor")[:EVENTS]
        return {"events": events, "log": read_log(job.work_dir(), LOG_LINES)}


class JobProgress(JobPage, View):
    """How a job stands, alone."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.get_object()
        context = progress_context(job, request.user)
        return fragment(request, "tuning/partials/_job_progress.html", context, live=is_polling(job))


class JobTrials(JobPage, View):
    """The trials of a job, alone."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.get_object()
        context = trials_context(job, request.GET)
        return fragment(request, "tuning/partials/_trials.html", context, live=is_polling(job))


class TrialDetail(PermissionRequiredMixin, DetailView):
    """One trial: its parameters, its attempts with their causes of death, its curve."""

    permission_required = "tuning.view_tuningjob"  # who sees a job sees its trials, here and over the API
    template_name = "tuning/trial_detail.html"
    context_object_name = "trial"

    def get_object(self, queryset: Any = None) -> TuningTrial:
        trials = TuningTrial.objects.select_related("job", "run")
        return get_object_or_404(trials, job=self.kwargs["pk"], number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trial = self.object
        context = super().get_context_data(**kwargs)
        context |= {"title": f"Trial {trial.number} of {trial.job.name}", "job": trial.job}
        context |= trial_promotion_context(trial, self.request.user)
        context |= verbs_context(trial, self.request.user)
        job_guards = job_guards_of(trial.job)
        context |= {"barred": job_guards.disqualified(trial), "readings": job_guards.readings(trial)}
        front = front_of(trial.job)
        further = {one.metric: trial.values_json.get(one.metric) for one in trial.job.further_objectives}
        context |= {"further_values": further, "is_on_front": trial.number in front.numbers}
        context["why_stopped"] = why_stopped(trial)
        context["attempts"] = trial.attempts.select_related("run")
        if trial.run is not None:
            context["figure"] = loss_figure(read_curves(trial.run.work_dir()))
            context["verdict"] = trial.run.evaluations.recorded_with_run().defer("item_scores").first()
        return context


class JobFormPage(PermissionRequiredMixin, FormView):
    """The form of a job, for a new one and for changing one."""

    form_class = JobForm
    template_name = "tuning/job_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "known": HYPERPARAMETERS,
            "snippets": snippets(),
            "kinds": [asdict(kind) for kind, _ in KINDS.values()],
        }

    def save(self, data: dict[str, Any]) -> TuningJob:
        """Call the service. May raise ServiceError."""
        raise NotImplementedError

    def form_valid(self, form: JobForm) -> HttpResponse:
        try:
            job = self.save(form.to_data())
        except InvalidInput as error:
            form.add_errors(error.errors)
            return self.form_invalid(form)
        except ServiceError as error:
            tell(self.request, error)
            return self.form_invalid(form)
        for path, texts in getattr(job, "definition_warnings", {}).items():
            messages.warning(self.request, f"{path}: {' '.join(texts)}")
        return redirect(job)


class JobNew(JobFormPage):
    """A new job, filled in with an example that works, or with what the job `?from=` is."""

    permission_required = "tuning.add_tuningjob"
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
            raise Http404("This is no id of a job.") from None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"source": self.source}

    def save(self, data: dict[str, Any]) -> TuningJob:
        actor = self.request.user
        if self.source is not None:
            job = clone_job(job=self.source, data=data, actor=actor)
        else:
            job = create_job(data=data, owner=actor)
        messages.success(self.request, "The job is created. Start it when you are ready.")
        return job


class JobEdit(JobFormPage):
    """Change a job: everything before its start, some limits afterwards."""

    permission_required = "tuning.change_tuningjob"

    @cached_property
    def job(self) -> TuningJob:
        return get_object_or_404(TuningJob.objects.select_related("dataset"), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reason = why_not(self.job, "edit")
        if reason:
            messages.error(request, reason)
            return redirect(self.job)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"job": self.job}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"title": f"Edit {self.job.name}", "job": self.job}

    def save(self, data: dict[str, Any]) -> TuningJob:
        job = update_job(job=self.job, data=data, actor=self.request.user)
        messages.success(self.request, "The job is changed.")
        return job


class JobVerb(VerbView):
    """A verb on a job."""

    permission_required = "tuning.change_tuningjob"
    queryset = TuningJob.objects.all()


class JobStart(JobVerb):
    done = "The job is in the queue."

    def act(self, target: TuningJob) -> TuningJob:
        return start_job(job=target, actor=self.request.user)


class JobCancel(JobVerb):
    done = "The job is canceled, or will be within seconds."

    def act(self, target: TuningJob) -> TuningJob:
        return cancel_job(job=target, actor=self.request.user)


class JobResume(JobVerb):
    done = "The job is in the queue again. Finished trials stay."

    def act(self, target: TuningJob) -> TuningJob:
        return resume_job(job=target, actor=self.request.user)


class JobPause(JobVerb):
    done = "The job is paused: what runs goes on to its end."

    def act(self, target: TuningJob) -> TuningJob:
        return pause_job(job=target, actor=self.request.user)


class JobUnpause(JobVerb):
    done = "The job goes on."

    def act(self, target: TuningJob) -> TuningJob:
        return unpause_job(job=target, actor=self.request.user)


class JobExtend(JobVerb):
    done = "The job is in the queue again, with more trials."

    def act(self, target: TuningJob) -> TuningJob:
        more = whole_number_or_text(self.request.POST.get("num_samples", ""))
        return extend_job(job=target, num_samples=more, actor=self.request.user)


class JobRetry(JobVerb):
    done = "The trials that had failed wait to run again."

    def act(self, target: TuningJob) -> TuningJob:
        return retry_failed_trials(job=target, actor=self.request.user)


class JobConfirm(JobVerb):
    done = "The winner is being confirmed: its finalists are trained again."

    def act(self, target: TuningJob) -> TuningJob:
        return confirm_job(job=target, actor=self.request.user)


class JobPromote(PromotionForm, VerbView):
    """Make the winner a base model."""

    queryset = TuningJob.objects.select_related("best_run", "confirmed_run")

    def asked(self) -> dict[str, Any]:
        """With the number of a trial, where the form stands on a trial's page."""
        number = self.request.POST.get("trial", "")
        if not number:
            return super().asked()
        return super().asked() | {"trial": whole_number_or_text(number)}

    def back_url(self, target: TuningJob) -> str:
        number = self.asked().get("trial")
        if isinstance(number, int) and target.trials.filter(number=number).exists():
            return reverse("tuning:trial-detail", args=[target.pk, number])
        return target.get_absolute_url()

    def act(self, target: TuningJob) -> BaseModel:
        return promote_winner(job=target, data=self.asked(), actor=self.request.user)


class JobDelete(JobVerb):
    permission_required = "tuning.delete_tuningjob"
    done = "The job is deleted. Its runs stay."

    def act(self, target: TuningJob) -> None:
        delete_job(job=target, actor=self.request.user)

    def next_url(self, target: TuningJob, result: None) -> str:
        return reverse("tuning:job-list")
