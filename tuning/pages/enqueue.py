"""The page that enqueues a configuration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.views.generic import FormView

from tunix.api.exceptions import InvalidInput, ServiceError
from tunix.pages.json_field import JSONTextField
from tunix.pages.verbs import number_or_text, show_refusal
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import Scalar
from tunix.runs.pages.snippets import snippets

from ..domain.selection.controls import default_params
from ..models import TuningJob
from ..services.enqueue import enqueue_configuration
from ..services.verbs import JOB_VERBS, refusal

VERB = JOB_VERBS["enqueue"]


class ConfigurationForm(forms.Form):
    """One configuration. The service checks it."""

    params_json = JSONTextField(
        rows=8, label="Configuration", help_text="Every parameter of the search space that exists, with its value."
    )


class Enqueue(PermissionRequiredMixin, FormView):
    """Enqueue a configuration, filled in with that of the trial `?trial=`, or with the default one."""

    permission_required = VERB.permission
    form_class = ConfigurationForm
    template_name = "tuning/enqueue.html"

    @cached_property
    def job(self) -> TuningJob:
        return get_object_or_404(TuningJob, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if reason := refusal(self.job, VERB.name):
            messages.error(request, reason)
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
        raised = f" The job now has {enqueued.num_samples} trials." if enqueued.raised else ""
        messages.success(self.request, f"{VERB.done}{raised}")
        for path, texts in enqueued.warnings.items():
            messages.warning(self.request, f"{path}: {' '.join(texts)}")
        return redirect(self.job)

    def _params(self) -> dict[str, Scalar]:
        number = number_or_text(self.request.GET.get("trial", ""))
        trial = self.job.trials.filter(number=number).first() if isinstance(number, int) else None
        searched = self.job.search_space_json
        params = (
            trial.params_json if trial is not None else default_params(self.job.space(), self.job.fixed_params_json)
        )
        return {name: value for name, value in params.items() if name in searched}
