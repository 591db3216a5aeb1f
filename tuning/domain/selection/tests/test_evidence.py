"""What of a proof's runs is compared: pairs of seeds, dead seeds at their worst, unjudged answers as wrong."""

from __future__ import annotations

import pytest

from tuning.domain.selection.evidence import ProofRun, TooFewRuns, gather

RIGHT, WRONG = [1.0] * 10, [0.0] * 10


def runs(*scores: list[float | None] | None, dead: int = 0) -> list[ProofRun]:
    """Runs with the seeds 0, 1, ...; then dead ones."""
    alive = [ProofRun(seed, one) for seed, one in enumerate(scores)]
    return alive + [ProofRun(len(alive) + index, None, is_dead=True) for index in range(dead)]


def test_runs_are_paired_by_their_seed() -> None:
    winner = [ProofRun(7, RIGHT), ProofRun(3, WRONG)]
    default = [ProofRun(3, RIGHT), ProofRun(7, WRONG)]
    evidence, _ = gather(winner, default)
    assert (evidence.winner, evidence.default, evidence.paired) == ([RIGHT, WRONG], [WRONG, RIGHT], 2)


def test_a_dead_seed_has_the_worst_score() -> None:
    evidence, account = gather(runs(RIGHT, RIGHT, dead=1), runs(RIGHT, RIGHT, RIGHT))
    assert evidence.winner[2] == WRONG
    assert (account.winner_dead, account.default_dead, account.lost) == (1, 0, 0)


def test_the_worst_score_is_one_where_less_is_better() -> None:
    evidence, _ = gather(runs(WRONG, WRONG, dead=1), runs(WRONG, WRONG, WRONG), mode="min")
    assert evidence.winner[2] == RIGHT


def test_a_lost_run_takes_its_pair_along() -> None:
    evidence, account = gather(runs(RIGHT, None, RIGHT), runs(WRONG, WRONG, WRONG))
    assert (len(evidence.winner), len(evidence.default), evidence.paired) == (2, 2, 2)
    assert (account.seeds, account.lost) == (3, 1)


def test_seeds_that_are_not_shared_are_not_paired() -> None:
    default = [ProofRun(10 + run.seed, run.scores) for run in runs(WRONG, WRONG)]
    evidence, _ = gather(runs(RIGHT, RIGHT), default)
    assert evidence.paired == 0


def test_an_answer_without_a_judgement_is_wrong_and_the_bounds_tell_it() -> None:
    """By hand: one of 20 answers of the winner and two of 20 of the default are unknown, the others are right."""
    winner = runs([None] + [1.0] * 9, RIGHT)
    default = runs([None, None] + [1.0] * 8, RIGHT)
    evidence, account = gather(winner, default)
    assert evidence.winner[0] == [0.0] + [1.0] * 9
    assert account.unjudged == 3
    assert (account.low, account.high) == pytest.approx((0.95 - 1.0, 1.0 - 0.9))


def test_where_all_is_judged_there_are_no_bounds() -> None:
    _, account = gather(runs(RIGHT, RIGHT), runs(WRONG, WRONG))
    assert (account.unjudged, account.low, account.high) == (0, None, None)


def test_shared_seeds_of_the_ranking_tell_how_much_differences_vary() -> None:
    ranking = runs(RIGHT, [0.5] * 10, RIGHT), runs(WRONG, WRONG, WRONG)
    evidence, _ = gather(runs(RIGHT, RIGHT), runs(WRONG, WRONG), ranking=ranking)
    assert evidence.prior is not None and evidence.winner_prior is not None
    assert evidence.prior.degrees == 2
    assert evidence.prior.excess == pytest.approx(1 / 12)  # of the means 1, 0.5 and 1; no item adds noise


def test_one_run_is_too_few() -> None:
    with pytest.raises(TooFewRuns, match="1 of 3 held-out runs of the winner completed"):
        gather(runs(RIGHT, None, None), runs(WRONG, WRONG, WRONG))


def test_nothing_but_dead_seeds_lose_against_a_default_that_lives() -> None:
    evidence, account = gather(runs(dead=2), runs(RIGHT, RIGHT))
    assert evidence.winner == [WRONG, WRONG]
    assert account.winner_dead == 2
