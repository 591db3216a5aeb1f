"""Rules about curves: the intermediate metrics in the database are those in the files of the runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from tuning.execution.ledger_source import CURVE_METRICS, curve_of
from tuning.models import TrialMetric, TuningAttempt
from tunix.pipeline.folder import METRICS
from tunix.runs.models import TunixRun
from tunix.runs.outputs import read_points
from tunix.runs.results import ResultUnreadable, read_result

from .damaged_rows import Damaged
from .finding import Finding, Found, rule
from .reading import read_pages

CURVES_IN_MEMORY = 100
Point = tuple[int, str, float]


@dataclass
class Curve:
    """An execution with a result, and the points that the database has of it."""

    attempt: TuningAttempt
    points: list[Point]


@rule("G8", hint="Restore the rows from metrics.jsonl in the folder of the run, whose hash is in result.json.")
def curves_are_as_they_were(curve: Curve) -> Iterator[Found]:
    """The database has the curve that the run wrote: no other value, no other step, and none less."""
    run = curve.attempt.run
    if not _has_file(run):
        return
    # The database has other metrics at rungs of early stopping alone, where no file has them.
    stored = {(step, name): value for step, name, value in curve.points if name in CURVE_METRICS}
    curves = read_points(run.work_dir())
    written = {(int(at["step"]), name, at["value"]) for name, points in curves.items() for at in points}
    other = sorted((step, name) for (step, name), value in stored.items() if (step, name, value) not in written)
    # A long curve is thinned before it is stored.
    missing = sorted({(step, name) for step, name, _ in curve_of(run.work_dir())} - stored.keys())
    for what, places in (("other values", other), ("no value", missing)):
        if places:
            words = ", ".join(f"{name} at step {step}" for step, name in places[:5])
            yield Found(f"run {run.pk}: its curve has {what} of {words}")


def _has_file(run: TunixRun) -> bool:
    """Whether the run wrote a curve. Where its result cannot be read, another rule says so."""
    try:
        return METRICS in read_result(run.work_dir())[0].files
    except ResultUnreadable:
        return False


def curve_findings(attempts: QuerySet[TuningAttempt], damaged: Damaged) -> Iterator[Finding]:
    """Of the executions whose result was recorded."""
    ended = attempts.exclude(run__result_hash="").select_related("run", "trial")
    for page in read_pages(ended.only("number", "trial__number", "trial__job", "run__id"), damaged):
        for start in range(0, len(page), CURVES_IN_MEMORY):
            some = page[start : start + CURVES_IN_MEMORY]
            points = _points_of([attempt.pk for attempt in some], damaged)
            for attempt in some:
                curve = Curve(attempt, points.get(attempt.pk, []))
                yield from curves_are_as_they_were.findings(curve, attempt.trial.job_id, attempt.trial.number)


def _points_of(keys: list[int], damaged: Damaged) -> dict[int, list[Point]]:
    rows = TrialMetric.objects.filter(attempt__in=keys).order_by("attempt", "step", "name")
    read: Iterable[Any] = damaged.read(rows.values_list("attempt", "step", "name", "value"))
    return {key: [row[1:] for row in group] for key, group in groupby(read, key=lambda row: row[0])}
