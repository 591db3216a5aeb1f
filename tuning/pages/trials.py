"""The page of one trial."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView

from tunix.runs.outputs import read_curves
from tunix.runs.pages.charts import loss_figure

from ..analysis.bank import reused_run_of
from ..analysis.best import front_of
from ..analysis.early_stopping import why_stopped
from ..analysis.guards import job_guards_of
from ..models import TuningTrial
from ..services.promote import trial_promotion_context
from .actions import trial_actions


class TrialDetail(PermissionRequiredMixin, DetailView):
    """One trial: its parameters, its attempts with their failure reasons, its curve."""

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
        context |= trial_promotion_context(trial)
        context["actions"] = trial_actions(trial, self.request.user)
        job_guards = job_guards_of(trial.job)
        context |= {"disqualified": job_guards.disqualified(trial), "readings": job_guards.readings(trial)}
        front = front_of(trial.job)
        further = {one.metric: trial.values_json.get(one.metric) for one in trial.job.further_objectives}
        context |= {"further_values": further, "is_on_front": trial.number in front.numbers}
        context["reused_run"] = reused_run_of(trial)
        context["why_stopped"] = why_stopped(trial)
        context["attempts"] = trial.attempts.select_related("run")
        if trial.run is not None:
            context["figure"] = loss_figure(read_curves(trial.run.work_dir()))
            context["verdict"] = trial.run.evaluations.recorded_with_run().defer("item_scores", "item_groups").first()
        return context
