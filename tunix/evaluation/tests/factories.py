"""Evaluations as they stand after real work, made without it."""

from __future__ import annotations

from typing import Any

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run


def make_evaluation(run: TunixRun | None = None, **overrides: Any) -> Evaluation:
    """The verdict that a completed run brought along."""
    columns: dict[str, Any] = {
        "status": EvaluationStatus.COMPLETED,
        "judge": "answer_correctness",
        "judge_version": "1",
        "split": "validation",
        "items": 2,
        "score_mean": 0.5,
        "item_scores": [1.0, 0.0],
    }
    return Evaluation.objects.create(run=run or make_run(), **columns | overrides)
