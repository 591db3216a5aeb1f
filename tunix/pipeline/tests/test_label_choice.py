"""A run whose answers are chosen among labels by their likelihood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.data.rows import Row
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import LETTERS, make_dataset, make_spec, no_report, predictions_of

pytestmark = pytest.mark.slow

BY_LIKELIHOOD: dict[str, Any] = {"judge": "choice_match", "judge_options": {"decode": "likelihood"}, "max_items": 20}


def test_every_prediction_is_a_label_and_the_model_learns_them(artifacts: Path, letters: DatasetRef) -> None:
    result = execute(make_spec(letters, BY_LIKELIHOOD, num_steps=40), no_report, artifacts_dir=artifacts)
    predictions = predictions_of(artifacts, result)
    assert set(predictions) <= set(LETTERS.upper())
    assert result.verdict is not None
    assert result.verdict.judge_version == '2 with decode="likelihood"'
    assert result.verdict.score_mean >= 0.75
    assert result.metrics["truncated_share"] == 0


def test_too_many_labels_end_a_run_before_it_trains(artifacts: Path) -> None:
    rows = [Row(str(number), str(number)) for number in range(40)]
    dataset = make_dataset(artifacts, "many-labels", train=rows, validation=rows[:4])
    result = execute(make_spec(dataset, BY_LIKELIHOOD), no_report, artifacts_dir=artifacts)
    assert (result.reason, result.step) == ("user_error", 0)
    assert "40 different answers" in result.error
