"""A trial, its executions, and the values they reported."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tunix.pipeline.spec import Scalar
from tunix.runs.models import TunixRun

from ..choices import AttemptOutcome, TrialKind, TrialOrigin, TrialStatus
from ..domain.selection.controls import without_seed
from ..querysets import TuningTrialQuerySet
from .job import TuningJob


class TuningTrial(models.Model):
    """One slot of a job: one parameter set, which never changes once the row exists."""

    job = models.ForeignKey(TuningJob, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=TrialKind.choices, default=TrialKind.SEARCH)
    slot = models.PositiveIntegerField(null=True, help_text="of a search trial: which proposal of the sampler it is")
    origin = models.CharField(max_length=12, choices=TrialOrigin.choices, default=TrialOrigin.PROPOSED)
    replicate = models.PositiveIntegerField(default=0, help_text="which of the trials with the same configuration")
    round = models.PositiveIntegerField(default=0, help_text="of a confirmation: which one")
    source = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="copies", help_text="the trial that it trains again"
    )
    params_json = models.JSONField(help_text="what the sampler proposed")
    params_hash = models.CharField(max_length=64)
    sampler_state = models.JSONField(null=True)
    status = models.CharField(max_length=12, choices=TrialStatus.choices, default=TrialStatus.PENDING)
    metric_value = models.FloatField(null=True)
    values_json = models.JSONField(default=dict, help_text="what it reached in the further objectives, by metric")
    judged_rows = models.PositiveIntegerField(
        null=True, help_text="of one that was raced out: how many of its rows were judged before that"
    )
    guards_json = models.JSONField(default=list, help_text="its scores on the job's guards, in their order")
    steps = models.PositiveIntegerField(null=True, help_text="that its training has, if it runs to its end")
    trained_steps = models.PositiveIntegerField(null=True, help_text="of a trial that completed or was stopped early")
    stopped_json = models.JSONField(null=True, help_text="of one stopped early: rung, step, value, threshold")
    run = models.OneToOneField(
        TunixRun, null=True, on_delete=models.SET_NULL, related_name="trial", help_text="the run that counts"
    )
    reason = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    excluded_at = models.DateTimeField(null=True, help_text="since when it no longer counts")
    excluded_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TuningTrialQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_trial_a_slot"),
            models.UniqueConstraint(fields=["job", "slot", "replicate"], name="one_trial_a_proposal_and_seed"),
        ]
        indexes = [
            models.Index(fields=["job", "status"]),
            models.Index(fields=["job", "metric_value"]),
        ]

    def __str__(self) -> str:
        return f"trial {self.number}"

    @property
    def label(self) -> str:
        """What the trial is, such as "confirmation of trial 3, seed 2"."""
        default = " of the default" if self.kind == TrialKind.HELD_OUT else ""
        subject = f" of trial {self.source.number}" if self.source else default
        has_seed = self.job.replicates > 1 if self.kind == TrialKind.SEARCH else self.kind != TrialKind.UNTUNED
        details = [
            self.get_kind_display() + subject,
            "enqueued" if self.origin == TrialOrigin.ENQUEUED else "",
            f"seed {self.replicate + 1}" if has_seed else "",
            f"round {self.round}" if self.round > 1 else "",
        ]
        return ", ".join(filter(None, details))

    @property
    def is_excluded(self) -> bool:
        """Whether a person has excluded it: it no longer counts."""
        return self.excluded_at is not None

    @property
    def is_raced_out(self) -> bool:
        """Whether it was judged on a part of its rows, because it clearly could not be among the best."""
        return self.judged_rows is not None

    @property
    def proposed_params(self) -> dict[str, Scalar]:
        """What the sampler proposed: without the seed that tells replicates apart."""
        params: dict[str, Scalar] = self.params_json
        return params if "seed" in self.job.search_space_json else without_seed(params)

    @property
    def duration_seconds(self) -> float | None:
        """None while the trial waits, also where it waits to run again."""
        if self.started_at is None or self.status == TrialStatus.PENDING:
            return None
        return float(((self.finished_at or timezone.now()) - self.started_at).total_seconds())

    @property
    def seconds_to_end(self) -> float | None:
        """The duration of its last execution; None before that has ended."""
        return None if self.finished_at is None else self.duration_seconds


class TuningAttempt(models.Model):
    """One execution of a trial, with its failure reason if it failed."""

    trial = models.ForeignKey(TuningTrial, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    run = models.OneToOneField(TunixRun, on_delete=models.PROTECT, related_name="attempt")
    epoch = models.PositiveIntegerField()
    worker = models.CharField(max_length=200, blank=True, help_text="host and process that executed it")
    outcome = models.CharField(max_length=12, choices=AttemptOutcome.choices, default=AttemptOutcome.RUNNING)
    reason = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="attempts_are_numbered"),
            models.UniqueConstraint(
                fields=["trial"], condition=models.Q(outcome="running"), name="one_running_attempt_a_trial"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"


class TrialMetric(models.Model):
    """A value reported on the way."""

    attempt = models.ForeignKey(TuningAttempt, on_delete=models.CASCADE, related_name="metrics")
    step = models.PositiveIntegerField()
    name = models.CharField(max_length=64)
    value = models.FloatField()

    class Meta:
        ordering = ["step"]
        constraints = [models.UniqueConstraint(fields=["attempt", "step", "name"], name="one_value_a_step_and_name")]

    def __str__(self) -> str:
        return f"{self.name} at {self.step}"
