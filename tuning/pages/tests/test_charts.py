"""The figure of a search's history."""

from __future__ import annotations

import pytest

from tuning.pages.charts import best_so_far, history_figure


@pytest.mark.parametrize(("mode", "expected"), [("max", [1, 3, 3]), ("min", [1, 1, 0])])
def test_the_best_so_far_follows_the_mode(mode: str, expected: list[float]) -> None:
    assert best_so_far([1, 3, 0], mode) == expected


def test_without_scores_there_is_no_figure() -> None:
    assert history_figure([], [1, 2], "score_mean", "max") is None


@pytest.mark.parametrize(("last", "dtick"), [(5, 1), (40, None)])
def test_a_few_trials_have_a_tick_each(last: int, dtick: int | None) -> None:
    figure = history_figure([(4, 0.5), (last, 0.2)], [], "score_mean", "max")
    assert figure is not None
    assert figure["layout"]["xaxis"].get("dtick") == dtick


def test_failed_trials_stand_at_the_worst_score() -> None:
    figure = history_figure([(0, 0.5), (2, 0.2)], [1], "score_mean", "max")
    assert figure is not None
    assert figure["data"][-1]["y"] == [0.2]
