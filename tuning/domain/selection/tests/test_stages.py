"""When a proof ends, and when it goes on."""

from __future__ import annotations

import numpy as np
import pytest

from tuning.domain.selection.outcome import VerdictOutcome
from tuning.domain.selection.stages import Evidence, alpha_of, decide, plan_of, stage_seeds
from tunix.statistics import clustered

ITEMS = 400


def evidence(difference: float, *, seeds: int = 3, sd: float = 0.005, rng: int = 0) -> Evidence:
    """Pairs of seeds on the same rows; every row is as hard for both sides."""
    random = np.random.default_rng(rng)
    hard = random.random(ITEMS)
    shifts = sd * random.standard_normal((2, seeds)) + np.array([[0.6 + difference], [0.6]])
    winner, default = ((hard[None, :] < side[:, None]).astype(float) for side in shifts)
    return Evidence(list(winner), list(default), paired=seeds)


@pytest.mark.parametrize(
    ("seeds", "most", "stages"),
    [(3, 8, (3, 5, 8)), (2, 8, (2, 3, 5, 8)), (2, 2, (2,)), (3, 6, (3, 6)), (5, 20, (5, 8, 13, 20)), (8, 8, (8,))],
)
def test_the_stages_grow_up_to_the_most(seeds: int, most: int, stages: tuple[int, ...]) -> None:
    assert stage_seeds(seeds, most) == stages


def test_all_confirmations_of_a_job_share_five_percent() -> None:
    assert [round(100 * alpha_of(number), 1) for number in (1, 2, 3)] == [3.0, 0.8, 0.3]
    assert sum(map(alpha_of, range(1, 10_000))) == pytest.approx(0.05, abs=1e-5)


def test_a_later_confirmation_must_show_more() -> None:
    first, second = plan_of(3, 8), plan_of(3, 8, number=2)
    assert all(later < earlier for earlier, later in zip(first.levels, second.levels, strict=True))


def test_seeds_beyond_the_plan_count_as_a_further_confirmation() -> None:
    plan = plan_of(3, 8, number=1, added=[12])
    assert plan.stages == (3, 5, 8, 12)
    assert plan.levels[:3] == plan_of(3, 8).levels
    assert plan.levels[3] == alpha_of(2)
    assert [plan.number_at(seeds) for seeds in plan.stages] == [1, 1, 1, 2]


def test_seeds_within_the_plan_cost_nothing() -> None:
    assert plan_of(3, 8, added=[5, 8]) == plan_of(3, 8)


def test_a_clear_difference_ends_it_at_the_first_stage() -> None:
    decision = decide(evidence(0.2), plan_of(3, 8), seeds=3)
    assert (decision.outcome, decision.seeds) == (VerdictOutcome.BETTER, 3)


def test_a_loser_ends_it_at_the_first_stage() -> None:
    assert decide(evidence(-0.1), plan_of(3, 8), seeds=3).outcome == VerdictOutcome.WORSE


def test_within_the_margin_it_is_as_good() -> None:
    one = evidence(0.0, sd=0.001)
    assert decide(one, plan_of(3, 8), seeds=3, margin=0.02).outcome == VerdictOutcome.EQUIVALENT
    assert decide(one, plan_of(3, 8), seeds=3, margin=0.0001).outcome != VerdictOutcome.EQUIVALENT


def test_a_promising_difference_goes_on() -> None:
    decision = decide(evidence(0.08, sd=0.03), plan_of(3, 8), seeds=3)
    assert decision.outcome is None
    assert decision.forecast is not None and decision.forecast > 0.15


def test_a_hopeless_one_ends_undecided() -> None:
    decision = decide(evidence(0.0, sd=0.04, rng=4), plan_of(3, 8), seeds=3)
    assert decision.outcome == VerdictOutcome.UNDECIDED
    assert decision.forecast is not None and decision.forecast < 0.15


def test_seeds_that_a_person_asked_for_are_trained_although_it_looks_hopeless() -> None:
    hopeless = evidence(0.0, sd=0.04, rng=4)
    assert decide(hopeless, plan_of(3, 8), seeds=3, at_least=5).outcome is None


def test_the_last_stage_always_ends_it() -> None:
    decision = decide(evidence(0.03, seeds=8, sd=0.05), plan_of(3, 8), seeds=8)
    assert decision.outcome is not None
    assert decision.forecast is None


def test_where_less_is_better_it_turns() -> None:
    assert decide(evidence(-0.2), plan_of(3, 8), seeds=3, mode="min").outcome == VerdictOutcome.BETTER


def test_the_same_scores_decide_the_same() -> None:
    one = evidence(0.08, sd=0.03)
    assert decide(one, plan_of(3, 8), seeds=3) == decide(one, plan_of(3, 8), seeds=3)


def test_a_stage_is_estimated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    estimate = clustered._estimate
    monkeypatch.setattr(clustered, "_estimate", lambda *given: made.append(given) or estimate(*given))
    assert decide(evidence(0.08, sd=0.03), plan_of(3, 8), seeds=3).forecast is not None
    assert len(made) == 1


def test_worse_is_said_if_the_interval_shown_excludes_0() -> None:
    shown = {VerdictOutcome.WORSE: 0, VerdictOutcome.UNDECIDED: 0}
    for rng in range(60):
        decision = decide(evidence(-0.02, sd=0.01, rng=rng), plan_of(3, 3), seeds=3, margin=0.0)
        compared = decision.comparison
        assert (decision.outcome == VerdictOutcome.WORSE) == (compared.high < 0)
        shown[decision.outcome] += 1
    assert all(shown.values())
