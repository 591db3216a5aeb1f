"""The figures of an installation, each read by one query. Ages use the database's clock."""

from __future__ import annotations

import math
import platform
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, Min, Q, Sum
from django.db.models.functions import Now
from prometheus_client.core import HistogramMetricFamily

from tuning.choices import AttemptOutcome, JobStatus, TrialStatus
from tuning.models import TuningAttempt, TuningJob, TuningTrial
from tunix.pipeline.spec import FailureReason
from tunix.runs.models import trained
from tunix.work.disk import free_bytes
from tunix.work.models import LeasedWork, kinds_of_work
from tunix.work.reconciler_heartbeat import last_heartbeat

BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
"""Upper bounds of the histogram of trial times, in seconds."""
CAUSES = frozenset(FailureReason)


@dataclass(frozen=True)
class WorkOfKind:
    """The state of one kind of work; ages in seconds."""

    kind: str
    counts: dict[str, int]
    active: dict[str, int]
    oldest_wait: float
    oldest_heartbeat: float


def work_by_kind() -> list[WorkOfKind]:
    return [_work_of(model) for model in kinds_of_work()]


def _work_of(model: type[LeasedWork]) -> WorkOfKind:
    ready = Q(pk__in=model.ready().order_by().values("pk"))
    ages = {"queued_at_age": _age(Min("queued_at", filter=ready)), "heartbeat_at_age": _age(Min("heartbeat_at"))}
    rows = model.leased().order_by().values("status").annotate(count=Count("pk"), **ages)
    found = {row["status"]: row for row in rows}
    counts = {status: row["count"] for status, row in found.items()}
    return WorkOfKind(
        kind=model.KIND,
        counts=counts,
        active={status: counts.get(status, 0) for status in (model.WAITING, "running")},
        oldest_wait=_seconds(found.get(model.WAITING, {}).get("queued_at_age")),
        oldest_heartbeat=_seconds(found.get("running", {}).get("heartbeat_at_age")),
    )


def _age(since: Min) -> ExpressionWrapper:
    return ExpressionWrapper(Now() - since, output_field=DurationField())


def _seconds(age: Any) -> float:
    return 0.0 if age is None else max(0.0, age.total_seconds())


def jobs_by_status(kinds: list[WorkOfKind]) -> dict[tuple[str, ...], float]:
    counts = next(work.counts for work in kinds if work.kind == TuningJob.KIND)
    return {(status.value,): counts.get(status, 0) for status in JobStatus}


def trials_by_status() -> dict[tuple[str, ...], float]:
    counts = dict(TuningTrial.objects.order_by().values_list("status").annotate(Count("pk")))
    return {(status.value,): counts.get(status, 0) for status in TrialStatus}


def attempts_by_cause() -> dict[tuple[str, ...], float]:
    """By outcome and reason. A reason that is not a FailureReason becomes `other`, so that labels stay few."""
    counts: dict[tuple[str, ...], float] = {(outcome.value, ""): 0 for outcome in AttemptOutcome}
    rows = TuningAttempt.objects.order_by().values_list("outcome", "reason").annotate(Count("pk"))
    for outcome, reason, count in rows:
        key = (outcome, reason if not reason or reason in CAUSES else "other")
        counts[key] = counts.get(key, 0) + count
    return counts


def trial_seconds() -> HistogramMetricFamily:
    """Durations of ended trials, from start to end of their last execution; counted in the database.

    Without those that were not executed, because an earlier run was taken.
    """
    ended = TuningTrial.objects.ended().timed().filter(trained("run__"))
    at_most = {f"le_{bound}": Count("pk", filter=Q(took__lte=timedelta(seconds=bound))) for bound in BUCKETS}
    found = ended.aggregate(all=Count("pk"), sum=Sum("took"), **at_most)
    buckets = [(str(float(bound)), found[f"le_{bound}"]) for bound in BUCKETS]
    family = HistogramMetricFamily("tunix_trial_seconds", "Durations of ended trials.", labels=[])
    family.add_metric([], buckets=[*buckets, ("+Inf", found["all"])], sum_value=_seconds(found["sum"]))
    return family


def reconciler() -> tuple[int, float]:
    """The number of cycles and the age of the last one; infinite if there never was one."""
    return last_heartbeat() or (0, math.inf)


def space() -> tuple[int, int]:
    return free_bytes(), settings.MIN_FREE_BYTES


def build() -> dict[str, str]:
    libraries = {name: version(name) for name in ("django", "ray", "google-tunix")}
    return {
        "build": settings.BUILD,
        "python": platform.python_version(),
        **{name.replace("-", "_"): number for name, number in libraries.items()},
    }
