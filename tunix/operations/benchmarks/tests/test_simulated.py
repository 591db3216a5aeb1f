"""Simulated rows and runs are what they are said to be."""

import numpy as np
import pytest

from tunix.operations.benchmarks.simulated import Rows, Seeds, seeded
from tunix.operations.benchmarks.worlds import BASE, Setting

MANY = 40_000


def seeds_of(*scores, correlation=0.0):
    return Seeds(np.array(scores)[:, None], np.zeros((len(scores), 1), dtype=bool), correlation)


def answered(*scores, items=MANY, correlation=0.0, **world):
    rows = Rows(np.random.default_rng(0), items, len(scores), Setting("", "", **world))
    return rows.answers(seeds_of(*scores, correlation=correlation), range(len(scores)))[:, 0]


@pytest.mark.parametrize("score", [0.1, 0.6, 0.95])
def test_a_run_scores_what_it_was_made_for(score):
    assert answered(score).mean() == pytest.approx(score, abs=0.01)


def test_two_runs_disagree_about_a_quarter_of_the_rows():
    ours, theirs = answered(BASE, BASE)
    assert np.mean(ours != theirs) == pytest.approx(0.25, abs=0.02)


def test_a_common_seed_makes_them_disagree_less():
    apart, together = (np.mean(np.not_equal(*answered(BASE, BASE, correlation=rho))) for rho in (0.0, 0.8))
    assert together < 0.8 * apart


def test_near_copies_are_answered_alike():
    copies, single = (answered(BASE, copies=count)[0] for count in (3, 1))
    assert np.mean(copies[1:] == copies[:-1]) > np.mean(single[1:] == single[:-1]) + 0.2


def test_the_first_rows_of_a_sorted_file_are_not_like_all():
    rows = Rows(np.random.default_rng(1), MANY, 20, Setting("", "", sorted_rows=True))
    answers = rows.answers(seeds_of(*[BASE] * 20), range(20))[:, 0]
    truths = np.array([rows.truth(number, BASE) for number in range(20)])
    assert np.abs(answers.mean(axis=1) - truths).max() < 0.02
    assert np.abs(answers[:, :2000].mean(axis=1) - truths).max() > 0.05
    assert np.abs(answers[:, rows.sample(2000)].mean(axis=1) - truths).max() < 0.05


def trained(deaths=(0.0, 0.0)):
    rng, deviations = np.random.default_rng(0), np.array([0.02, 0.04])
    return seeded(rng, np.array([BASE, BASE]), deviations, MANY, correlation=0.5, deaths=np.array(deaths))


def test_seeds_vary_and_correlate_as_said():
    scores = trained().scores
    assert scores.std(axis=1) == pytest.approx([0.02, 0.04], rel=0.05)
    assert np.corrcoef(scores)[0, 1] == pytest.approx(0.5, abs=0.05)


def test_the_worst_runs_diverge():
    seeds = trained(deaths=(0.0, 0.2))
    assert seeds.dead.mean(axis=1) == pytest.approx([0.0, 0.2], abs=0.05)
    assert seeds.scores[1][seeds.dead[1]].max() <= seeds.scores[1][~seeds.dead[1]].min()
