"""A tuning job: what is searched, how, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from tunix.datasets.models import Dataset
from tunix.pipeline.folder import run_dir
from tunix.pipeline.spec import TRAINED, PromptSpec
from tunix.runs.models import TunixRun
from tunix.work.models import LeasedWork, newest_change

from ..choices import TERMINAL_JOB_STATUSES, AttemptOutcome, EventKind, JobStatus
from ..domain.early_stopping.rules import EarlyStopping
from ..domain.job_evaluation import JobEvaluation
from ..domain.job_sections import SEARCH_ALONE, Confirmation
from ..domain.sampling.algorithm import Algorithm
from ..domain.selection.budgets import Budget, Stop, allowed_failures
from ..domain.selection.guards import Guard, guard_of
from ..domain.selection.objectives import Objective
from ..domain.selection.verdict import JobVerdict
from ..domain.space.reading import read_space
from ..domain.space.search_space import InvalidSearchSpace, SearchSpace
from ..domain.space.size import Size, size_of
from ..querysets import TuningJobQuerySet


def search_alone() -> dict[str, Any]:
    """The confirmation of jobs that were made before there was one."""
    return SEARCH_ALONE.to_json()


def plain_prompt() -> dict[str, Any]:
    """The prompt of jobs that were made before there was one."""
    return PromptSpec().model_dump(mode="json")


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
    method = models.CharField(
        max_length=16, choices=[(name, name) for name in TRAINED], default="full", help_text="what each trial trains"
    )
    prompt_json = models.JSONField(default=plain_prompt, blank=True, help_text="how rows become text")
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
    confirmation_json = models.JSONField(
        default=search_alone, help_text="controls, automatic, top, seeds, max_seeds, margin"
    )
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
    verdicts_json = models.JSONField(default=list, editable=False, help_text="the verdicts of all its confirmations")
    added_seeds_json = models.JSONField(
        default=list, editable=False, help_text="seeds a side that were asked for after a verdict: round and number"
    )
    ended_early_json = models.JSONField(
        null=True, editable=False, help_text="the budget that ended the search or the job: budget, scope, detail, trial"
    )
    trials_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="raised when anything but its runner changes trials"
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
        return super().is_held_back or (self.is_paused and self.status == JobStatus.QUEUED)

    def progress_mark(self) -> object:
        """Changes with each trial that ends, and with what the running ones write; always where a pause is kept."""
        running = self.trials.filter(attempts__outcome=AttemptOutcome.RUNNING)
        runs = list(running.values_list("attempts__run_id", flat=True))
        ended, paused = type(self).objects.values_list("progress_at", "paused_at").get(pk=self.pk)
        if paused is not None and not runs:
            return timezone.now()
        folders = [run_dir(settings.ARTIFACTS_DIR, run_id) for run_id in runs]
        return ended, runs, [newest_change(folder) for folder in folders]

    # Named by string, as RUNNER is: the ledger imports this module.

    def on_lost(self, epoch: int, cause: str) -> None:
        """The attempts of the dead epoch are lost; their trials are assigned again with unchanged parameters."""
        import_string("tuning.ledger.finish.give_up_epoch")(self, epoch, cause)

    @classmethod
    def repair_files(cls) -> None:
        """Publish the `best.json` of jobs whose runner died between its last commit and the rename."""
        import_string("tuning.ledger.files.publish_forgotten")()

    def on_canceled(self) -> None:
        """Open trials and attempts become canceled."""
        import_string("tuning.ledger.finish.close_canceled")(self)

    def on_failed(self, error: str) -> None:
        """Open trials and attempts become canceled; the best so far stays."""
        import_string("tuning.ledger.finish.close_failed")(self, error)

    def add_event(self, kind: EventKind, *, actor: Any = None, detail: str = "") -> None:
        """One more line of the job's history."""
        name = actor.get_username() if actor is not None else ""
        about = {"subject": self.name, "subject_id": self.pk, "actor_name": name}
        self.events.create(kind=kind, actor=actor, detail=detail[:1000], **about)

    def space(self) -> SearchSpace:
        """What is searched, read. Raises InvalidSearchSpace for what no service has let in."""
        return read_space(self.search_space_json, self.constraints_json or ())

    # The JSON columns as values. Built when asked for: that takes microseconds, and a column that changes is never old.

    @property
    def algorithm(self) -> Algorithm:
        return Algorithm.read(self.algorithm_json)

    @property
    def budget(self) -> Budget:
        return Budget.read(self.budget_json, self.num_samples)

    @property
    def confirmation(self) -> Confirmation:
        return Confirmation.read(self.confirmation_json)

    @property
    def evaluation(self) -> JobEvaluation:
        return JobEvaluation.model_validate(self.evaluation_json)

    @property
    def prompt(self) -> PromptSpec:
        return PromptSpec.model_validate(self.prompt_json)

    @property
    def early_stopping(self) -> EarlyStopping | None:
        return EarlyStopping.read(self.early_stopping_json)

    @property
    def guards(self) -> tuple[Guard, ...]:
        return tuple(map(guard_of, self.guards_json))

    @property
    def verdict(self) -> JobVerdict | None:
        """What its last confirmation showed."""
        return JobVerdict.read(self.verdict_json)

    @property
    def verdicts(self) -> list[JobVerdict]:
        """What each of its confirmations showed, the first one first."""
        read = [JobVerdict.read(stored) for stored in self.verdicts_json]
        return [verdict for verdict in read if verdict is not None]

    @property
    def asked_seeds(self) -> int:
        """How many seeds a side a person has asked for in its latest confirmation; 0 if it is the plan alone."""
        return max((seeds for number, seeds in self.added_seeds_json if number == self.confirmation_round), default=0)

    @property
    def ended_early(self) -> Stop | None:
        """The budget that ended the search or the job."""
        return Stop.read(self.ended_early_json)

    @property
    def threads(self) -> int:
        """CPU threads of each trial."""
        return int(self.resources_json.get("threads", 1))

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
        return self.algorithm.replicates

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
        return allowed_failures(self.budget.max_failed_trials, self.num_samples)

    @property
    def share_of_failures(self) -> str:
        """`25% of 8`, where that is how the limit is spelled; else empty."""
        limit = self.budget.max_failed_trials
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
    def why_verdict_stale(self) -> str | None:
        """Why the last verdict does not hold any more, in a clause; None where it does, and where there is none.

        Asks the database, unless the row comes from `with_progress()`.
        """
        verdict = self.verdict
        if verdict is None:
            return None
        counted = self.__dict__.get("completed_trials")
        return verdict.why_stale(self.trials.search().completed().count() if counted is None else counted)

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
