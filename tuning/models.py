"""The experiment, its trials, their executions, and what happened when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from tunix.datasets.models import Dataset
from tunix.pipeline.spec import Scalar
from tunix.runs.models import TunixRun
from tunix.work.models import LeasedWork, newest_change

from .choices import (
    TERMINAL_JOB_STATUSES,
    AttemptOutcome,
    EventKind,
    JobStatus,
    TrialKind,
    TrialOrigin,
    TrialStatus,
)
from .domain.budgets import allowed_failures
from .domain.controls import without_seed
from .domain.job_sections import DEFAULT_SEEDS, DEFAULT_TOP, Confirmation
from .domain.objectives import Objective
from .domain.search_space import InvalidSearchSpace, SearchSpace
from .domain.unseen import Size, size_of
from .domain.verdict import why_stale
from .progress import TuningJobQuerySet


def search_alone() -> dict[str, Any]:
    """The confirmation of jobs that were made before there was one."""
    return Confirmation(controls=False, automatic=False, top=DEFAULT_TOP, seeds=DEFAULT_SEEDS).to_json()


class TuningJob(LeasedWork):
    """One search for the best hyperparameters of a fine-tune."""

    KIND = "tuning_job"
    TASK = "tuning.run_tuning_job"
    RUNNER = "tuning.execution.runner.run_tuning_job"
    WAITING = JobStatus.QUEUED
    TERMINAL = TERMINAL_JOB_STATUSES

    name = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    status = models.CharField(
        max_length=12, choices=JobStatus.choices, default=JobStatus.CREATED, db_index=True, editable=False
    )
    dataset = models.ForeignKey(
        Dataset, to_field="key", db_column="dataset_key", on_delete=models.PROTECT, related_name="tuning_jobs"
    )
    base_model_id = models.CharField(max_length=200, db_index=True)
    mode = models.CharField(max_length=16, default="local", help_text="where trials run: local")
    metric_name = models.CharField(max_length=64)
    metric_mode = models.CharField(max_length=3, choices=[("max", "maximise"), ("min", "minimise")])
    objectives_json = models.JSONField(null=True, blank=True)
    num_samples = models.PositiveIntegerField()
    max_concurrent_trials = models.PositiveIntegerField(default=1)
    search_space_json = models.JSONField()
    constraints_json = models.JSONField(default=list, blank=True, help_text="comparisons that every trial obeys")
    fixed_params_json = models.JSONField(default=dict)
    given_params_json = models.JSONField(default=list, blank=True, help_text="configurations that are tried first")
    algorithm_json = models.JSONField(default=dict)
    warm_start_json = models.JSONField(null=True, blank=True, help_text="jobs whose trials the sampler knows")
    early_stopping_json = models.JSONField(null=True, blank=True)
    budget_json = models.JSONField(default=dict)
    resources_json = models.JSONField(default=dict)
    evaluation_json = models.JSONField(default=dict)
    confirmation_json = models.JSONField(default=search_alone, help_text="controls, automatic, top, seeds")
    guards_json = models.JSONField(default=list, blank=True, help_text="what a trial may lose on other rows")
    seed = models.PositiveBigIntegerField(default=0)

    best_trial = models.ForeignKey(
        "TuningTrial", null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    best_run = models.ForeignKey(
        TunixRun, null=True, editable=False, on_delete=models.SET_NULL, related_name="best_of_jobs"
    )
    best_params_json = models.JSONField(null=True, editable=False)
    best_value = models.FloatField(null=True, editable=False, db_index=True)
    confirmed_run = models.ForeignKey(
        TunixRun, null=True, editable=False, on_delete=models.SET_NULL, related_name="confirmed_of_jobs"
    )
    confirmation_round = models.PositiveIntegerField(
        default=0, editable=False, help_text="how often the finalists were, or are to be, confirmed"
    )
    verdict_json = models.JSONField(null=True, editable=False, help_text="what the last confirmation showed")
    ended_early_json = models.JSONField(
        null=True, editable=False, help_text="the budget that ended the search or the job: budget, scope, detail, trial"
    )
    trials_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="raised when somebody else than its runner changes trials"
    )
    ray_storage_path = models.CharField(max_length=300, blank=True, editable=False)
    progress_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False, help_text="since when no new trial starts")
    paused_seconds = models.FloatField(
        default=0.0, editable=False, help_text="of former pauses, and of waiting in the queue again"
    )

    objects = TuningJobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tuning:job-detail", args=[self.id])

    @property
    def dataset_key(self) -> str:
        return str(self.dataset_id)

    def work_dir(self) -> Path:
        return settings.ARTIFACTS_DIR / "tuning" / str(self.id)

    @classmethod
    def ready(cls) -> models.QuerySet[TuningJob]:
        """A paused job is not claimed, nor is a worker woken for it."""
        return super().ready().filter(paused_at=None)

    @property
    def is_held_back(self) -> bool:
        return self.is_paused and self.status == JobStatus.QUEUED

    def progress_mark(self) -> object:
        """Changes with each trial that ends, and with what the running ones write; always where a pause is kept."""
        running = TuningAttempt.objects.filter(trial__job_id=self.pk, outcome=AttemptOutcome.RUNNING)
        runs = list(running.values_list("run_id", flat=True))
        ended, paused = type(self).objects.values_list("progress_at", "paused_at").get(pk=self.pk)
        if paused is not None and not runs:
            return timezone.now()
        folders = [settings.ARTIFACTS_DIR / "runs" / str(run_id) for run_id in runs]
        return ended, runs, [newest_change(folder) for folder in folders]

    # Named by string, as RUNNER is: the ledger imports this module.

    def on_lost(self, epoch: int, cause: str) -> None:
        """Attempts of the dead epoch are lost; their trials wait to be offered again, parameters unchanged."""
        import_string("tuning.ledger.give_up_epoch")(self, epoch, cause)

    @classmethod
    def put_files_right(cls) -> None:
        """`best.json` of a job whose runner died between its last commit and the renaming."""
        import_string("tuning.job_files.publish_forgotten")()

    def on_canceled(self) -> None:
        """Whatever is open becomes canceled."""
        import_string("tuning.ledger.close_canceled")(self)

    def on_failed(self, error: str) -> None:
        """Whatever is open becomes canceled; the best so far stays."""
        import_string("tuning.ledger.close_failed")(self, error)

    def add_event(self, kind: EventKind, *, actor: Any = None, detail: str = "") -> None:
        """One more line of the job's history."""
        name = actor.get_username() if actor is not None else ""
        about = {"subject": self.name, "subject_id": self.pk, "actor_name": name}
        self.events.create(kind=kind, actor=actor, detail=detail[:1000], **about)

    def space(self) -> SearchSpace:
        """What is searched, read. Raises InvalidSearchSpace for what no service has let in."""
        return SearchSpace.parse(self.search_space_json, self.constraints_json)

    @property
    def configurations(self) -> Size | None:
        """How many distinct ones can be proposed; None where that is without end, or where the space is not valid."""
        try:
            return size_of(self.space())
        except InvalidSearchSpace:
            return None

    @property
    def replicates(self) -> int:
        """How many search trials each proposal gets."""
        return int(self.algorithm_json.get("replicates", 1))

    @property
    def further_objectives(self) -> tuple[Objective, ...]:
        """Those beside `metric_name`."""
        return tuple(Objective(**stored) for stored in self.objectives_json or ())

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All of them; the first chooses the best trial."""
        return Objective(self.metric_name, self.metric_mode), *self.further_objectives

    @property
    def max_failed_trials(self) -> int:
        """How many trials may fail: a share is one of `num_samples` as it stands now."""
        return allowed_failures(self.budget_json["max_failed_trials"], self.num_samples)

    @property
    def share_of_failures(self) -> str:
        """`25% of 8`, where that is how the limit is spelled; else empty."""
        limit = self.budget_json["max_failed_trials"]
        return f"{limit} of {self.num_samples}" if isinstance(limit, str) else ""

    @property
    def is_paused(self) -> bool:
        """Live, and starting no new trial until it is unpaused."""
        return self.paused_at is not None and self.is_live

    @property
    def is_stalled(self) -> bool:
        """Running, but without a heartbeat for a lease time: the reconciler will take it over."""
        if self.status != JobStatus.RUNNING or self.heartbeat_at is None:
            return False
        return (timezone.now() - self.heartbeat_at).total_seconds() > settings.LEASE_SECONDS

    @property
    def why_verdict_stale(self) -> str:
        """Why the last verdict does not hold any more, in a clause; empty where it does. Asks the database."""
        if self.verdict_json is None:
            return ""
        completed = self.trials.filter(kind=TrialKind.SEARCH, status=TrialStatus.COMPLETED).count()
        return why_stale(self.verdict_json, completed)

    @property
    def elapsed_seconds(self) -> float | None:
        """What counts against `max_seconds`: time since the start without pauses."""
        if self.started_at is None:
            return None
        now = self.finished_at or timezone.now()
        paused = self.paused_seconds + self.seconds_of_pause(now)
        return max(0.0, float((now - self.started_at).total_seconds()) - paused)

    def seconds_of_pause(self, now: Any) -> float:
        """Of the present pause, as far as it lies after the start and before `now`."""
        if self.paused_at is None or self.started_at is None:
            return 0.0
        return max(0.0, float((now - max(self.paused_at, self.started_at)).total_seconds()))


class WarmStart(models.Model):
    """What the sampler of a job was told of other jobs when it started. A row of its own: it may be long."""

    job = models.OneToOneField(TuningJob, on_delete=models.CASCADE, related_name="warm_start")
    observations_json = models.JSONField(help_text="params, outcome, value, values, step; in the order of the slots")
    known = models.PositiveIntegerField(help_text="how many observations there are")
    finished = models.PositiveIntegerField(help_text="finished trials of the other jobs, also those outside the space")
    jobs_json = models.JSONField(help_text="the other jobs as they were: id, name, known, finished")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """For pages and the history."""
        count = len(self.jobs_json)
        jobs = f"{count} job{'s' * (count != 1)}"
        return f"{self.known} of {self.finished} trials of {jobs} are known to the sampler"


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
    guards_json = models.JSONField(default=list, help_text="its scores on the job's guards, in their order")
    steps = models.PositiveIntegerField(null=True, help_text="that its training has, if it runs to its end")
    trained_steps = models.PositiveIntegerField(null=True, help_text="of a trial that completed or was stopped early")
    stopped_json = models.JSONField(null=True, help_text="of one stopped early: rung, step, value, threshold")
    run = models.OneToOneField(
        TunixRun, null=True, on_delete=models.SET_NULL, related_name="trial", help_text="the run that counts"
    )
    reason = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    excluded_at = models.DateTimeField(null=True, help_text="since when it counts for nothing")
    excluded_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

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
            "enqueued" if self.origin == TrialOrigin.GIVEN else "",
            f"seed {self.replicate + 1}" if has_seed else "",
            f"round {self.round}" if self.round > 1 else "",
        ]
        return ", ".join(filter(None, details))

    @property
    def is_excluded(self) -> bool:
        """Whether somebody has said that it counts for nothing."""
        return self.excluded_at is not None

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


class TuningAttempt(models.Model):
    """One execution of a trial, with its cause of death if it died."""

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


class TuningEvent(models.Model):
    """What happened to a job, when, by whom. Rows are only ever added; they outlive the job and the user."""

    job = models.ForeignKey(TuningJob, null=True, on_delete=models.SET_NULL, related_name="events")
    subject = models.CharField(max_length=200, blank=True, help_text="name of the job at that time")
    subject_id = models.UUIDField(null=True, db_index=True, help_text="id of the job, also when it is gone")
    kind = models.CharField(max_length=32, choices=EventKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="empty for the machine")
    detail = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.kind
