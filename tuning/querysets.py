"""How far jobs are, counted by the database in the one query that lists them."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Q, Sum

from .choices import TERMINAL_TRIAL_STATUSES, TrialKind, TrialStatus


class TuningJobQuerySet(models.QuerySet):
    """Reads that lists, pages and the API share."""

    def with_progress(self) -> TuningJobQuerySet:
        """Adds `completed_trials`, `failed_trials`, `pruned_trials`, `running_trials` and `ended_trials` of the search,
        `planned_steps` and `trained_steps` of those that completed or were stopped early, and `other_trials` and
        `other_ended_trials` of controls and confirmation, counted in one query.
        """
        searched, ended = Q(trials__kind=TrialKind.SEARCH), Q(trials__status__in=TERMINAL_TRIAL_STATUSES)
        trained = Q(trials__status__in=[TrialStatus.COMPLETED, TrialStatus.PRUNED])
        return self.annotate(
            completed_trials=Count("trials", filter=searched & Q(trials__status=TrialStatus.COMPLETED)),
            failed_trials=Count("trials", filter=searched & Q(trials__status=TrialStatus.FAILED)),
            pruned_trials=Count("trials", filter=searched & Q(trials__status=TrialStatus.PRUNED)),
            running_trials=Count("trials", filter=searched & Q(trials__status=TrialStatus.RUNNING)),
            ended_trials=Count("trials", filter=searched & ended),
            other_trials=Count("trials", filter=~searched & Q(trials__isnull=False)),
            other_ended_trials=Count("trials", filter=~searched & ended),
            planned_steps=Sum("trials__steps", filter=searched & trained, default=0),
            trained_steps=Sum("trials__trained_steps", filter=searched & trained, default=0),
        )
