"""Simulated items and runs are what they are said to be."""

import numpy as np
import pytest

from tunix.operations.benchmarks.simulated import BASE, Items, Setting, discordance


def answered(*scores, items=40_000):
    drawn = Items(np.random.default_rng(0), items)
    hardness = drawn.configurations(len(scores))
    return drawn.answers(hardness, np.array(scores)[:, None])[:, 0]


@pytest.mark.parametrize("score", [0.1, 0.6, 0.95])
def test_a_run_scores_what_it_was_made_for(score):
    assert answered(score).mean() == pytest.approx(score, abs=0.01)


def test_runs_disagree_as_often_as_said():
    ours, theirs = answered(0.7, BASE)
    assert np.mean(ours != theirs) == pytest.approx(discordance(0.7, BASE)[0], abs=0.01)


def test_the_best_trial_is_better_by_the_effect():
    qualities = Setting(items=64, trials=8, effect=0.05, deviation=0.0).qualities
    assert (qualities[0], qualities[-1]) == (BASE, pytest.approx(BASE + 0.05))
