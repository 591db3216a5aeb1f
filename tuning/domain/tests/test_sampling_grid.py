"""The grid visits every combination once, in a fixed order."""

import pytest

from tuning.domain.sampling import GridExhausted
from tuning.domain.search_space import InvalidSearchSpace
from tuning.domain.tests.factories import FINITE, MIXED, make_sampler


def test_every_combination_once():
    sampler = make_sampler(FINITE, "grid")
    pairs = [(sampler.ask(slot)["batch_size"], sampler.ask(slot)["num_epochs"]) for slot in range(6)]
    assert pairs == [(16, 1), (16, 2), (32, 1), (32, 2), (64, 1), (64, 2)]


def test_seed_changes_nothing():
    assert make_sampler(FINITE, "grid", seed=1).ask(4) == make_sampler(FINITE, "grid", seed=2).ask(4)


@pytest.mark.parametrize("slot", [6, -1])
def test_slot_beyond_the_grid_is_refused(slot):
    with pytest.raises(GridExhausted, match="6 combinations"):
        make_sampler(FINITE, "grid").ask(slot)


def test_continuous_parameters_are_refused():
    with pytest.raises(InvalidSearchSpace) as caught:
        make_sampler(MIXED, "grid")
    assert caught.value.errors.keys() == {"search_space_json.learning_rate", "search_space_json.weight_decay"}


def test_huge_grid_costs_nothing():
    space = {"seed": {"type": "int", "min": 0, "max": 2**31 - 1}, "num_steps": {"type": "int", "min": 1, "max": 10**6}}
    assert make_sampler(space, "grid").ask(9_999) == {"num_steps": 1, "seed": 9_999}
