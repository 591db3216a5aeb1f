"""What can be done with one trial on its page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tunix.pages.verbs import VerbView

from .excluding import exclude_trial, include_trial, why_not_exclude
from .models import TuningTrial


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


def exclusion_context(trial: TuningTrial, user: Any) -> dict[str, Any]:
    """What the buttons on the trial's page need."""
    may = user.has_perm("tuning.change_tuningjob")
    return {"why_not_exclude": why_not_exclude(trial) if may else "You have no permission to change tuning jobs."}
