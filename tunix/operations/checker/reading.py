"""Reads jobs with all their rows, in chunks of bounded size: a few queries per chunk, each chunk in one snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from tuning.choices import EventKind
from tuning.models import TuningAttempt, TuningEvent, TuningJob, TuningTrial
from tunix.evaluation.models import Evaluation

from .damaged_rows import Damaged

TRIALS_IN_MEMORY = 2_000
JOBS_IN_A_CHUNK = 100
ROWS_IN_A_PAGE = 500

STATUS_EVENTS = (
    EventKind.STARTED,
    EventKind.RESUMED,
    EventKind.CONFIRMATION_REQUESTED,
    EventKind.EXTENDED,
    EventKind.RETRIED,
    EventKind.COMPLETED,
    EventKind.FAILED,
    EventKind.CANCELED,
)
"""Events after which a job is terminal, or no longer is."""

TRIAL_FIELDS = [
    "id",
    "job",
    "number",
    "kind",
    "slot",
    "replicate",
    "source",
    "params_json",
    "params_hash",
    "status",
    "metric_value",
    "values_json",
    "guards_json",
    "trained_steps",
    "judged_rows",
    "excluded_at",
    "run",
    "reason",
    "error",
    "started_at",
    "finished_at",
]
ATTEMPT_FIELDS = ("id trial number epoch outcome reason started_at finished_at").split()  # noqa: SIM905
RUN_FIELDS = [
    "id",
    "origin",
    "status",
    "dataset",
    "base_model_id",
    "method",
    "seed",
    "config_json",
    "metrics_json",
    "environment_json",
    "judge_usage_json",
    "result_hash",
    "output_dir",
    "reason",
    "error",
    "started_at",
    "finished_at",
]

Model = TypeVar("Model", bound=models.Model)


@dataclass
class JobRows:
    """One job with its trials and attempts, ordered by number, their runs, and its status events, oldest first."""

    job: TuningJob
    trials: list[TuningTrial] = field(default_factory=list)
    attempts: dict[int, list[TuningAttempt]] = field(default_factory=lambda: defaultdict(list))
    """By the trial's key."""
    events: list[tuple[str, str]] = field(default_factory=list)
    """(kind, detail)"""
    judged: set[object] = field(default_factory=set)
    """The keys of the runs whose verdict is recorded."""

    @property
    def is_terminal(self) -> bool:
        return self.job.is_terminal

    def executions(self) -> Iterator[tuple[TuningTrial, TuningAttempt]]:
        """Every attempt with its trial."""
        for trial in self.trials:
            for attempt in self.attempts[trial.pk]:
                yield trial, attempt


def read_jobs(job_id: object = None, damaged: Damaged | None = None) -> Iterator[list[JobRows]]:
    """All jobs, or one of them, in chunks that fit into memory. Rows that cannot be read are noted in `damaged`."""
    damaged = damaged or Damaged()
    jobs = TuningJob.objects.order_by("created_at", "id").values_list("pk", "num_samples")
    for chunk in _chunks(damaged.read(jobs if job_id is None else jobs.filter(pk=job_id))):
        with snapshot():
            rows = _read(chunk, damaged)
        yield rows


def _chunks(jobs: Sequence[tuple[object, Any]]) -> Iterator[list[object]]:
    chunk: list[object] = []
    trials = 0
    for pk, num_samples in jobs:
        most = num_samples if isinstance(num_samples, int) else 0  # SQLite keeps a text where one was written
        if chunk and (trials + most > TRIALS_IN_MEMORY or len(chunk) >= JOBS_IN_A_CHUNK):
            yield chunk
            chunk, trials = [], 0
        chunk.append(pk)
        trials += most
    if chunk:
        yield chunk


def _read(job_ids: list[object], damaged: Damaged) -> list[JobRows]:
    """The rows of these jobs. What belongs to a row that cannot be read is left out with it."""
    jobs = TuningJob.objects.filter(pk__in=job_ids).select_related("dataset").defer("dataset__manifest_json")
    rows = {job.pk: JobRows(job) for job in damaged.read(with_lease_age(jobs).order_by("pk"))}
    job_of_trial = {}
    trials = TuningTrial.objects.filter(job__in=list(rows)).only(*TRIAL_FIELDS)
    for trial in damaged.read(trials.order_by("number", "pk")):
        rows[trial.job_id].trials.append(trial)
        job_of_trial[trial.pk] = trial.job_id
    fields = [*ATTEMPT_FIELDS, *(f"run__{name}" for name in RUN_FIELDS)]
    attempts = TuningAttempt.objects.filter(trial__job__in=list(rows)).select_related("run").only(*fields)
    for attempt in damaged.read(attempts.order_by("number", "pk")):
        if attempt.trial_id in job_of_trial:
            rows[job_of_trial[attempt.trial_id]].attempts[attempt.trial_id].append(attempt)
    events = TuningEvent.objects.filter(job__in=list(rows), kind__in=STATUS_EVENTS).order_by("id")
    for job_id, kind, detail in damaged.read(events.values_list("job_id", "kind", "detail")):
        rows[job_id].events.append((kind, detail))
    judged = Evaluation.objects.recorded_with_run().filter(run__attempt__trial__job__in=list(rows)).order_by("pk")
    for job_id, run_id in damaged.read(judged.values_list("run__attempt__trial__job", "run")):
        rows[job_id].judged.add(run_id)
    return [rows[pk] for pk in job_ids if pk in rows]


def read_pages(queryset: models.QuerySet[Model], damaged: Damaged | None = None) -> Iterator[list[Model]]:
    """The rows of a queryset in pages, ordered by key, so that the memory does not grow with their number.

    Rows that cannot be read are noted in `damaged`.
    """
    damaged = damaged or Damaged()
    ordered = queryset.order_by("pk")
    after = ordered
    while True:
        known = len(damaged.rows)
        page = damaged.read(after[:ROWS_IN_A_PAGE])
        keys = [row.pk for row in page]
        if len(damaged.rows) > known:
            keys = damaged.read(after.values_list("pk", flat=True)[:ROWS_IN_A_PAGE])
        if page:
            yield page
        if len(keys) < ROWS_IN_A_PAGE:
            return
        after = ordered.filter(pk__gt=keys[-1])


def with_lease_age(queryset: models.QuerySet[Model]) -> models.QuerySet[Model]:
    """Add `lease_age`, the time since the last heartbeat. Both times are the database's: no other clock matters."""
    age = ExpressionWrapper(Now() - F("heartbeat_at"), output_field=DurationField())
    return queryset.annotate(lease_age=age)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read a consistent state inside, even while runners write. It blocks no writer."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":  # atomic() begins IMMEDIATE here: it would take the write lock
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
