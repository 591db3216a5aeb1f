"""Runs that were judged on the same items, and a baseline to hold them against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tunix.evaluation.baselines import create_baseline
from tunix.evaluation.models import Baseline
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run, write_lines
from tunix.statistics.unjudged import counted


def make_judged_run(scores: Sequence[float | None], *, run: TunixRun | None = None, **verdict: Any) -> TunixRun:
    """A completed run with these item scores; it said "right" where it scored."""
    run = run or make_run()
    said = [{"index": n, "prompt": f"p{n}", "answer": "right", "truncated": False} for n in range(len(scores))]
    told = [row | {"prediction": "right" if score else "<b>wrong"} for row, score in zip(said, scores, strict=True)]
    write_lines(run.work_dir() / "predictions.jsonl", told)
    mean = sum(counted(scores)) / len(scores)
    make_evaluation(run, items=len(scores), item_scores=scores, score_mean=mean, **verdict)
    return run


def wrong_in(places: range, items: int = 200) -> list[float]:
    """Scores that are 1 but for these places."""
    return [0.0 if index in places else 1.0 for index in range(items)]


def make_baseline(name: str = "release-1", run: TunixRun | None = None, **data: Any) -> Baseline:
    """A baseline of a run that has every item right but the last ten."""
    run = run or make_judged_run(wrong_in(range(190, 200)))
    return create_baseline(data={"name": name, "run": str(run.pk), **data}, actor=None)
