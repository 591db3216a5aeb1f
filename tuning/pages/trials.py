"""What can be done with one trial on its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView

from tunix.api.exceptions import InvalidInput, ServiceError
from tunix.pages.json_field import JSONTextField
from tunix.pages.verbs import VerbView, number_or_text, show_refusal
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import Scalar
from tunix.runs.pages.snippets import snippets

from ..domain.selection.controls import default_params
from ..models import TuningJob, TuningTrial
from ..services.enqueue import Enqueued, enqueue_configuration
from ..services.exclude import exclude_trial, include_trial, why_not_exclude
from ..services.retry import retry_trial, why_not_retry
from ..services.transitions import why_not


class TrialVerb(VerbView):
    """A verb on a trial, which leads back to its page."""

    permission_required = "tuning.change_tuningjob"

    def get_object(self, queryset: QuerySet[TuningTrial] | None = None) -> TuningTrial:
        trials = TuningTrial.objects.select_related("job")
        return get_object_or_404(trials, job=self.kwargs["pk"], number=self.kwargs["number"])

    def back_url(self, target: TuningTrial) -> str:
        return reverse("tuning:trial-detail", args=[target.job_id, target.number])

    def next_url(self, target: TuningTrial, result: Any) -> str:
        return self.back_url(target)


class TrialExclude(TrialVerb):
    done = "The trial is excluded: it counts for nothing any more."

    def act(self, target: TuningTrial) -> TuningTrial:
        reason = self.request.POST.get("reason", "").strip()
        return exclude_trial(trial=target, data={"reason": reason}, actor=self.request.user)


class TrialInclude(TrialVerb):
    done = "The trial counts again."

    def act(self, target: TuningTrial) -> TuningTrial:
        return include_trial(trial=target, actor=self.request.user)


class TrialRetry(TrialVerb):
    done = "The trial waits to run again, with the same parameters."

    def act(self, target: TuningTrial) -> TuningTrial:
        return retry_trial(trial=target, actor=self.request.user)


def verbs_context(trial: TuningTrial, user: Any) -> dict[str, Any]:
    """What the buttons on the trial's page need."""
    may = user.has_perm("tuning.change_tuningjob")
    verbs = {"why_not_exclude": why_not_exclude, "why_not_retry": why_not_retry}
    return {name: why(trial) if may else "You have no permission to change tuning jobs." for name, why in verbs.items()}


class ConfigurationForm(forms.Form):
    """One configuration. The service checks it."""

    params_json = JSONTextField(
        rows=8, label="Configuration", help_text="Every parameter of the search space that exists, with its value."
    )


class Enqueue(PermissionRequiredMixin, FormView):
    """Gives a job a configuration to try, filled in with that of the trial `?trial=`, else with the default one."""

    permission_required = "tuning.change_tuningjob"
    form_class = ConfigurationForm
    template_name = "tuning/enqueue.html"

    @cached_property
    def job(self) -> TuningJob:
        return get_object_or_404(TuningJob, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if why := why_not(self.job, "enqueue"):
            messages.error(request, why)
            return redirect(self.job)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"params_json": self._params()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        about = {"title": f"Try a configuration in {self.job.name}", "job": self.job}
        return context | about | {"known": HYPERPARAMETERS, "snippets": snippets()}

    def form_valid(self, form: ConfigurationForm) -> HttpResponse:
        try:
            enqueued = enqueue_configuration(job=self.job, data=form.cleaned_data, actor=self.request.user)
        except InvalidInput as error:
            for path, texts in error.errors.items():
                form.add_error("params_json", [f"{path}: {text}" for text in texts])
            return self.form_invalid(form)
        except ServiceError as error:
            show_refusal(self.request, error)
            return redirect(self.job)
        self._tell(enqueued)
        return redirect(self.job)

    def _params(self) -> dict[str, Scalar]:
        number = number_or_text(self.request.GET.get("trial", ""))
        trial = self.job.trials.filter(number=number).first() if isinstance(number, int) else None
        searched = self.job.search_space_json
        params = (
            trial.params_json if trial is not None else default_params(self.job.space(), self.job.fixed_params_json)
        )
        return {name: value for name, value in params.items() if name in searched}

    def _tell(self, enqueued: Enqueued) -> None:
        raised = f" The job has {enqueued.num_samples} trials now." if enqueued.raised else ""
        messages.success(self.request, f"The configuration waits for its slot.{raised}")
        for path, texts in enqueued.warnings.items():
            messages.warning(self.request, f"{path}: {' '.join(texts)}")
