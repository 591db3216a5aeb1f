"""The metrics in the Prometheus format. Nothing is kept in memory, so every process gives the same answer."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from . import measures
from .measures import WorkOfKind


class DatabaseCollector(Collector):
    """Queries the database at each scrape: one query for each kind of work and one for each table below."""

    def describe(self) -> list[Metric]:
        return []  # the metrics are only known when they are collected

    def collect(self) -> Iterator[Metric]:
        kinds = measures.work_by_kind()
        yield _gauge("tunix_jobs", "Tuning jobs by status.", ["status"], measures.jobs_by_status(kinds))
        yield _gauge("tunix_trials", "Trials by status.", ["status"], measures.trials_by_status())
        yield from _of_work(kinds)
        yield _gauge(
            "tunix_attempts",
            "Executions of trials by outcome and failure reason.",
            ["outcome", "cause"],
            measures.attempts_by_cause(),
        )
        yield measures.trial_seconds()
        yield from _of_reconciler()
        free, floor = measures.space()
        about = "MIN_FREE_BYTES: with less free space nothing starts."
        yield _gauge("tunix_artifacts_free_bytes", "Free disk space for artifacts.", [], {(): free})
        yield _gauge("tunix_artifacts_floor_bytes", about, [], {(): floor})
        yield InfoMetricFamily("tunix_build", "Versions of the service and its libraries.", value=measures.build())


def _of_work(kinds: list[WorkOfKind]) -> Iterator[Metric]:
    active = {(work.kind, status): count for work in kinds for status, count in work.active.items()}
    yield _gauge("tunix_work", "Queued and running work by kind.", ["kind", "status"], active)
    waiting = {(work.kind,): work.oldest_wait for work in kinds}
    yield _gauge("tunix_queue_age_seconds", "Age of the oldest waiting work; 0 if none waits.", ["kind"], waiting)
    leases = {(work.kind,): work.oldest_heartbeat for work in kinds}
    yield _gauge(
        "tunix_lease_age_seconds", "Age of the oldest heartbeat of running work; 0 if none runs.", ["kind"], leases
    )


def _of_reconciler() -> Iterator[Metric]:
    cycles, age = measures.reconciler()
    yield _gauge("tunix_reconciler_turns", "Cycles of the reconciler so far.", [], {(): cycles})
    yield _gauge(
        "tunix_reconciler_age_seconds", "Age of the reconciler's last cycle; +Inf if there was none.", [], {(): age}
    )


def _gauge(name: str, text: str, labels: list[str], values: dict[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(DatabaseCollector())


def exposition(accept: str) -> tuple[bytes, str]:
    """Body and content type. Raises django.db.Error."""
    encode, content_type = choose_encoder(accept)
    return encode(REGISTRY), content_type
