"""The grid visits every combination once, in a fixed order."""

import pytest

from tuning.domain.space.search_space import InvalidSearchSpace
from tuning.domain.tests.factories import FINITE, MIXED, make_sampler


def test_every_combination_once():
    sampler = make_sampler(FINITE, "grid")
    found = [sampler.ask(slot) for slot in range(6)]
    pairs = [(params["batch_size"], params["num_epochs"]) for params in found]
    assert pairs == [(16, 1), (16, 2), (32, 1), (32, 2), (64, 1), (64, 2)]


def test_seed_changes_nothing():
    one, other = make_sampler(FINITE, "grid", seed=1), make_sampler(FINITE, "grid", seed=2)
    assert [one.ask(slot) for slot in range(4)] == [other.ask(slot) for slot in range(4)]


def test_slot_keeps_its_combination_when_asked_again():
    sampler = make_sampler(FINITE, "grid")
    first = sampler.ask(0)
    sampler.ask(1)
    assert sampler.ask(0) == first


def test_continuous_parameters_are_refused():
    with pytest.raises(InvalidSearchSpace) as caught:
        make_sampler(MIXED, "grid")
    assert caught.value.errors.keys() == {"search_space_json.learning_rate", "search_space_json.weight_decay"}


def test_huge_grid_costs_nothing():
    space = {"seed": {"type": "int", "min": 0, "max": 2**31 - 1}, "num_steps": {"type": "int", "min": 1, "max": 10**6}}
    assert make_sampler(space, "grid").ask(9_999) == {"num_steps": 1, "seed": 0}
