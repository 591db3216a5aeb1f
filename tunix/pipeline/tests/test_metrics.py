from __future__ import annotations

import pytest

from tunix.pipeline.judges import JUDGES
from tunix.pipeline.metrics import METRICS, default_mode, metric_names


def test_every_judge_is_a_metric_to_raise() -> None:
    assert {METRICS[judge].mode for judge in JUDGES} == {"max"}


def test_metrics_of_a_run_include_its_judge_only() -> None:
    names = metric_names("numeric_match")
    assert "numeric_match" in names
    assert "answer_correctness" not in names


def test_a_loss_is_to_fall() -> None:
    assert default_mode("eval_loss") == "min"


def test_unknown_metric_has_no_mode() -> None:
    with pytest.raises(KeyError):
        default_mode("nonsense")
