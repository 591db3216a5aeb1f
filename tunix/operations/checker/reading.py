"""Reads jobs with all their rows, in chunks of bounded size: a few queries per chunk, each chunk in one snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection, models, transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from tuning.choices import EventKind
from tuning.models import TuningAttempt, TuningEvent, TuningJob, TuningTrial

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

JOB_FIELDS = [
    "id",
    "status",
    "mode",
    "metric_name",
    "metric_mode",
    "objectives_json",
    "num_samples",
    "budget_json",
    "ended_early_json",
    "epoch",
    "lease_owner",
    "heartbeat_at",
    "queued_at",
    "started_at",
    "finished_at",
    "cancel_requested_at",
    "paused_at",
    "paused_seconds",
    "reason",
    "error",
    "dataset",
    "best_trial",
    "best_run",
    "best_params_json",
    "best_value",
    "confirmed_run",
    "verdict_json",
    "trials_version",
    "ended_early_json",
    "guards_json",
]
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
    "excluded_at",
    "run",
    "reason",
    "error",
    "started_at",
    "finished_at",
]
ATTEMPT_FIELDS = ("id trial number epoch outcome reason started_at finished_at").split()  # noqa: SIM905
RUN_FIELDS = ("id status config_json metrics_json result_hash output_dir started_at finished_at").split()  # noqa: SIM905

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

    @property
    def is_terminal(self) -> bool:
        return self.job.is_terminal

    def executions(self) -> Iterator[tuple[TuningTrial, TuningAttempt]]:
        """Every attempt with its trial."""
        for trial in self.trials:
            for attempt in self.attempts[trial.pk]:
                yield trial, attempt


def read_jobs(job_id: object = None) -> Iterator[list[JobRows]]:
    """All jobs, or one of them, in chunks that fit into memory."""
    jobs = TuningJob.objects.order_by("created_at", "id").values_list("pk", "num_samples")
    for chunk in _chunks(list(jobs if job_id is None else jobs.filter(pk=job_id))):
        with snapshot():
            rows = _read(chunk)
        yield rows


def _chunks(jobs: Sequence[tuple[object, int]]) -> Iterator[list[object]]:
    chunk: list[object] = []
    trials = 0
    for pk, num_samples in jobs:
        if chunk and (trials + num_samples > TRIALS_IN_MEMORY or len(chunk) >= JOBS_IN_A_CHUNK):
            yield chunk
            chunk, trials = [], 0
        chunk.append(pk)
        trials += num_samples
    if chunk:
        yield chunk


def _read(job_ids: list[object]) -> list[JobRows]:
    jobs = with_lease_age(TuningJob.objects.filter(pk__in=job_ids).only(*JOB_FIELDS))
    rows = {job.pk: JobRows(job) for job in jobs}
    job_of_trial = {}
    for trial in TuningTrial.objects.filter(job__in=job_ids).only(*TRIAL_FIELDS).order_by("number"):
        rows[trial.job_id].trials.append(trial)
        job_of_trial[trial.pk] = trial.job_id
    fields = [*ATTEMPT_FIELDS, *(f"run__{name}" for name in RUN_FIELDS)]
    attempts = TuningAttempt.objects.filter(trial__job__in=job_ids).select_related("run").only(*fields)
    for attempt in attempts.order_by("number"):
        rows[job_of_trial[attempt.trial_id]].attempts[attempt.trial_id].append(attempt)
    events = TuningEvent.objects.filter(job__in=job_ids, kind__in=STATUS_EVENTS).order_by("id")
    for job_id, kind, detail in events.values_list("job_id", "kind", "detail"):
        rows[job_id].events.append((kind, detail))
    return [rows[pk] for pk in job_ids if pk in rows]


def read_pages(queryset: models.QuerySet[Model]) -> Iterator[list[Model]]:
    """The rows of a queryset in pages, ordered by key, so that the memory does not grow with their number."""
    ordered = queryset.order_by("pk")
    page = list(ordered[:ROWS_IN_A_PAGE])
    while page:
        yield page
        full = len(page) == ROWS_IN_A_PAGE
        page = list(ordered.filter(pk__gt=page[-1].pk)[:ROWS_IN_A_PAGE]) if full else []


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
