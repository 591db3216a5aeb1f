"""How a winner is confirmed."""

import pytest

from tuning.domain.selection.confirmation import Ranked, finalists, rank, verdict
from tuning.domain.selection.selection import Candidate


def numbers(*args, **kwargs):
    return [candidate.number for candidate in finalists(*args, **kwargs)]


def seeds(*right, items=200):
    return [[1.0] * count + [0.0] * (items - count) for count in right]


@pytest.mark.parametrize(("mode", "expected"), [("max", [1, 2]), ("min", [0, 2])])
def test_the_best_take_part(mode, expected):
    assert numbers([Candidate(0, 0.1), Candidate(1, 0.9), Candidate(2, 0.5)], 2, mode) == expected


def test_what_did_not_complete_takes_no_part():
    assert numbers([Candidate(0, 0.9, "failed"), Candidate(1, None), Candidate(2, 0.1)], 3, "max") == [2]


def test_a_configuration_takes_part_once():
    candidates = [Candidate(0, 0.5), Candidate(1, 0.9), Candidate(2, 0.8)]
    assert numbers(candidates, 2, "max", configurations={0: "b", 1: "a", 2: "a"}) == [1, 0]


def test_the_best_mean_over_seeds_wins():
    assert rank({4: seeds(120, 130), 2: seeds(100, 170)}) == [Ranked(2, 0.675), Ranked(4, 0.625)]


def test_a_smaller_mean_may_win():
    assert rank({4: seeds(120), 2: seeds(130)}, mode="min")[0].number == 4


def test_equals_keep_the_order_of_the_search():
    assert [one.number for one in rank({4: seeds(100), 2: seeds(100)})] == [4, 2]


def test_what_could_not_be_judged_counts_as_wrong():
    """The first would win by what its judge could not judge."""
    assert rank({0: [[1.0, None, 1.0, 0.0]], 1: [[1.0, 0.0, 1.0, 1.0]]})[0].number == 1


@pytest.mark.parametrize("scores", [{}, {1: []}, {1: seeds(1), 2: seeds(1, items=3)}])
def test_finalists_without_common_items_are_not_ranked(scores):
    with pytest.raises(ValueError, match="same items"):
        rank(scores)


@pytest.mark.parametrize(
    ("winner", "outcome"),
    [((150, 152, 148), "better"), ((101, 99, 102), "equivalent"), ((50, 52, 48), "worse")],
)
def test_the_verdict_follows_the_test_split(winner, outcome):
    assert verdict(seeds(*winner), seeds(100, 101, 99)).outcome == outcome


def test_where_less_is_better_the_verdict_turns():
    assert verdict(seeds(50, 52, 48), seeds(100, 101, 99), mode="min").outcome == "better"


def test_a_lucky_pair_of_seeds_is_no_better_configuration():
    assert verdict(seeds(170, 100, 105), seeds(100, 101, 99)).outcome == "undecided"


def test_the_scores_differ_by_the_difference():
    given = verdict(seeds(150, 152, 148), seeds(100, 101, 99))
    assert given.winner_score - given.default_score == pytest.approx(given.comparison.difference)
    assert given.winner_interval.low < 0.75 < given.winner_interval.high


def test_one_seed_proves_nothing():
    with pytest.raises(ValueError, match="at least 2 seeds"):
        verdict(seeds(150), seeds(100, 101))
