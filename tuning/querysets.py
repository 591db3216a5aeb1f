"""Reads of jobs and trials that lists, pages, the API and the ledger share."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum

from .choices import (
    OBSERVED_TRIAL_STATUSES,
    TERMINAL_TRIAL_STATUSES,
    TRAINED_TRIAL_STATUSES,
    TrialKind,
    TrialStatus,
)


class TuningJobQuerySet(models.QuerySet):
    """Jobs with how far they are, counted by the database in the one query that lists them."""

    def with_progress(self) -> Self:
        """Adds `completed_trials`, `failed_trials`, `pruned_trials`, `running_trials` and `ended_trials` of the search,
        `planned_steps` and `trained_steps` of those that completed or were stopped early, and `other_trials` and
        `other_ended_trials` of controls and confirmation, counted in one query.
        """
        searched, ended = Q(trials__kind=TrialKind.SEARCH), Q(trials__status__in=TERMINAL_TRIAL_STATUSES)
        trained = Q(trials__status__in=TRAINED_TRIAL_STATUSES)
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


class TuningTrialQuerySet(models.QuerySet):
    """Trials by what they are for, how they ended, and whether they count."""

    def search(self) -> Self:
        """Those that compete for the best; the others are controls and confirmation."""
        return self.filter(kind=TrialKind.SEARCH)

    def defaults(self) -> Self:
        """Controls that train the default configuration."""
        return self.filter(kind=TrialKind.DEFAULT)

    def untuned(self) -> Self:
        """The control that judges the base model as it is."""
        return self.filter(kind=TrialKind.UNTUNED)

    def of_confirmation(self, kind: TrialKind, number: int) -> Self:
        """Those of a kind that confirmation `number` made: finalists trained again, or held-out trials."""
        return self.filter(kind=kind, round=number)

    def pending(self) -> Self:
        return self.filter(status=TrialStatus.PENDING)

    def running(self) -> Self:
        return self.filter(status=TrialStatus.RUNNING)

    def unfinished(self) -> Self:
        """Pending or running."""
        return self.exclude(status__in=TERMINAL_TRIAL_STATUSES)

    def completed(self) -> Self:
        return self.filter(status=TrialStatus.COMPLETED)

    def failed(self) -> Self:
        return self.filter(status=TrialStatus.FAILED)

    def pruned(self) -> Self:
        """Stopped early."""
        return self.filter(status=TrialStatus.PRUNED)

    def canceled(self) -> Self:
        return self.filter(status=TrialStatus.CANCELED)

    def ended(self) -> Self:
        """In a terminal status."""
        return self.filter(status__in=TERMINAL_TRIAL_STATUSES)

    def trained(self) -> Self:
        """Completed or stopped early: training brought them to a result."""
        return self.filter(status__in=TRAINED_TRIAL_STATUSES)

    def observed(self) -> Self:
        """Completed, stopped early or failed: all but those that were canceled say something of their parameters."""
        return self.filter(status__in=OBSERVED_TRIAL_STATUSES)

    def counting(self) -> Self:
        """Without those that a person has excluded."""
        return self.filter(excluded_at__isnull=True)

    def in_order_of_end(self) -> Self:
        """The first that ended first."""
        return self.order_by("finished_at", "number")

    def timed(self) -> Self:
        """Adds `took`, from the start to the end of the last execution, and keeps those that have one."""
        took = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
        return self.annotate(took=took).filter(took__isnull=False)

    def count_and_seconds(self) -> tuple[int, float]:
        """How many of them have a duration, and the sum of these in seconds. One query."""
        found = self.timed().order_by().aggregate(count=Count("pk"), total=Sum("took", default=timedelta()))
        return found["count"], found["total"].total_seconds()

    def for_tables(self) -> Self:
        """With `attempt_count` and the trial that each trains again, without what no table shows."""
        return self.annotate(attempt_count=Count("attempts")).select_related("source").defer("sampler_state")
