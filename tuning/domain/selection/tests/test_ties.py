"""Which trials are as good as the leader, as far as their items and seeds can tell."""

import numpy as np
import pytest

from tuning.domain.selection.ties import ScoredTrial, compare_trials
from tunix.statistics.seed_noise import seed_noise

ITEMS = 200


def trial(number, right, items=100, cost=None, runs=1):
    return ScoredTrial(number, right / items, [1.0] * right + [0.0] * (items - right), cost, runs)


def noise(*shares):
    """Of a configuration whose seeds have these shares of the items right."""
    return seed_noise([[[1.0] * round(100 * share) + [0.0] * (100 - round(100 * share)) for share in shares]])


def test_the_leader_is_the_best_by_the_metric():
    assert compare_trials([trial(0, 60), trial(1, 70), trial(2, 65)]).leader == 1


@pytest.mark.parametrize("known", [None, noise(0.5, 0.5, 0.5)])
def test_a_smaller_metric_may_be_better(known):
    standings = compare_trials([trial(0, 20), trial(1, 70)], mode="min", noise=known)
    assert (standings.leader, standings.tied) == (0, (0,))


def test_what_the_items_do_not_show_to_be_worse_is_tied():
    standings = compare_trials([trial(0, 90), trial(1, 88), trial(2, 40)])
    assert standings.tied == (0, 1)
    assert [one.tied for one in standings.trials] == [True, True, False]


def test_many_comparisons_show_less_than_one():
    """Six items lost and none won are significant (p = 0.03), as one of two comparisons they are not."""
    assert compare_trials([trial(0, 90), trial(1, 84)]).tied == (0,)
    assert compare_trials([trial(0, 90), trial(1, 84), trial(2, 84)]).tied == (0, 1, 2)


def test_what_another_seed_may_turn_around_is_tied():
    runs = [trial(0, 90), trial(1, 80), trial(2, 20)]
    assert compare_trials(runs).tied == (0,)
    assert compare_trials(runs, noise=noise(0.4, 0.5, 0.6)).tied == (0, 1)


def test_more_runs_of_each_configuration_tie_less():
    known = noise(0.45, 0.5, 0.55)
    one, many = ([trial(0, 90, runs=runs), trial(1, 80, runs=runs)] for runs in (1, 20))
    assert compare_trials(one, noise=known).tied == (0, 1)
    assert compare_trials(many, noise=known).tied == (0,)


def test_a_seed_that_is_far_off_leaves_none_out_of_equals():
    """21 trials differ as their seeds do, and one is far behind: that happens to equals, too, if tails are heavy."""
    near = [trial(number, 500 + shift, items=1000) for number, shift in enumerate([-40, -25, -10, 0, 10, 25, 40] * 3)]
    standings = compare_trials([*near, trial(90, 280, items=1000)], noise=noise(0.47, 0.5, 0.53))
    assert len(standings.tied) == len(standings.trials)


def test_a_cheaper_one_is_named_if_it_is_as_good_within_the_margin():
    runs = [trial(0, 90, cost=9.0, runs=20), trial(1, 90, cost=2.0, runs=20), trial(2, 40, cost=1.0, runs=20)]
    standings = compare_trials(runs, noise=noise(0.5, 0.5, 0.5), margin=0.05)
    assert standings.cheapest == 1
    assert standings.sentence().endswith("Trial 1 costs less and is at most 5 points worse.")


@pytest.mark.parametrize(
    ("known", "cost", "margin"), [(None, 2.0, 0.05), (noise(0.4, 0.5, 0.6), 2.0, 0.05), (noise(0.5, 0.5), None, 0.05)]
)
def test_no_cheaper_one_is_named_on_weak_evidence(known, cost, margin):
    runs = [trial(0, 90, cost=9.0), trial(1, 90, cost=cost)]
    assert compare_trials(runs, noise=known, margin=margin).cheapest is None


def test_the_sentence_of_a_tie():
    standings = compare_trials([trial(4, 72), trial(5, 71), trial(7, 70)], noise=noise(0.48, 0.5, 0.52))
    assert standings.sentence(0.69) == (
        "Trial 4 leads with 0.720. These runs do not tell trials 4, 5 and 7 apart. Expected of trial 4: 0.69, not 0.72."
    )


def test_the_sentence_of_one_that_is_ahead_alone():
    standings = compare_trials([trial(4, 95), trial(5, 10)], noise=noise(0.48, 0.5, 0.52))
    assert standings.sentence() == (
        "Trial 4 leads with 0.950. No other run is tied with trial 4; another seed may change that (seed sd 1.6)."
    )


def test_without_controls_the_sentence_says_what_is_not_known():
    assert "(seed sd not known)" in compare_trials([trial(4, 95), trial(5, 10)]).sentence()
    assert "(seed sd not known)" in compare_trials([trial(4, 95), trial(5, 94)]).sentence()


def test_of_many_the_first_are_listed():
    standings = compare_trials([trial(number, 50) for number in range(20)])
    assert "trials 0, 1, 2, 3, 4, 5 and 14 others apart" in standings.sentence()


def test_one_trial_leads_alone():
    assert compare_trials([trial(3, 5)]).sentence() == "Trial 3 leads with 0.050."


def test_no_trial_has_no_leader():
    assert compare_trials([]) is None


@pytest.mark.parametrize("known", [None, noise(0.5, 0.6)])
def test_a_trial_without_a_score_is_not_tied(known):
    unjudged = ScoredTrial(1, 0.5, [None] * 100)
    standing = compare_trials([trial(0, 90), unjudged], noise=known).trials[1]
    assert (standing.p, standing.tied) == (None, False)


@pytest.mark.parametrize("known", [None, noise(0.5, 0.6)])
def test_other_items_are_refused(known):
    with pytest.raises(ValueError, match="Trials 1 and 0"):
        compare_trials([trial(0, 90), trial(1, 9, items=10)], noise=known)


def answers(rng, scores):
    """Right or wrong on items of which each has its own chance, by a beta distribution: no model that the code has."""
    easy = rng.beta(0.7, 0.5, ITEMS)
    chances = np.clip(easy + (np.asarray(scores)[..., None] - easy.mean()), 0, 1)
    return (rng.random(chances.shape) < chances).astype(float)


@pytest.mark.parametrize(("deviation", "spread"), [(0.0, 0.0), (0.04, 0.0), (0.04, 0.1)])
def test_the_best_configuration_is_rarely_left_out(deviation, spread):
    """Of equal ones none is, in 95%; of others the best, in 95%: 60 sweeps of 6, so at most 6 of them may fail."""
    rng, left_out = np.random.default_rng(5), 0
    for _ in range(60):
        truth = 0.6 + spread * rng.uniform(-1, 1, 6)
        seeds = deviation * rng.laplace(0, 0.5**0.5, (7, 3))
        scores = answers(rng, np.append(truth, 0.6)[:, None] + seeds)
        found = [ScoredTrial(number, float(row[0].mean()), list(row[0])) for number, row in enumerate(scores[:6])]
        tied = compare_trials(found, noise=seed_noise([list(map(list, scores[6]))])).tied
        left_out += len(tied) < 6 if spread == 0 else int(truth.argmax()) not in tied
    assert left_out <= 6
