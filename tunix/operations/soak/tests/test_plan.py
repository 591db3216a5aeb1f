"""A seed decides which faults come and when."""

from __future__ import annotations

from itertools import islice

from tunix.operations.soak.plan import LONGEST_DELAY, SHORTEST_DELAY, planned

KINDS = ["a", "b", "c"]


def first(seed: int) -> list[tuple[float, str, float]]:
    return [(one.delay, one.kind, one.random.random()) for one in islice(planned(seed, KINDS), 50)]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert first(1) == first(1)


def test_another_seed_gives_others() -> None:
    assert first(1) != first(2)


def test_what_a_fault_draws_does_not_change_the_next_one() -> None:
    plan = planned(1, KINDS)
    next(plan).random.random()

    assert (second := next(plan)).kind == first(1)[1][1]
    assert second.delay == first(1)[1][0]


def test_every_kind_comes_before_one_comes_again() -> None:
    kinds = [kind for _, kind, _ in first(1)]

    assert sorted(kinds[:3]) == sorted(kinds[3:6]) == KINDS


def test_all_kinds_come_within_the_bounds_of_a_delay() -> None:
    assert {kind for _, kind, _ in first(1)} == set(KINDS)
    assert all(SHORTEST_DELAY <= delay <= LONGEST_DELAY for delay, _, _ in first(1))
