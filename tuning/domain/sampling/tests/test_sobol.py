"""Sobol points: even, seeded, never used twice, and the same after a crash."""

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.sampling.study import NothingToPropose
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import MIXED, make_sampler, run_job, through_json, with_failures

DECAY = {"weight_decay": {"type": "uniform", "min": 0.0, "max": 1.0}}
COUNT = {"type": "int", "min": 1, "max": 64}
CONSTRAINED = {"num_epochs": COUNT, "gradient_accumulation_steps": COUNT}
CONDITIONAL = DECAY | {
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "warmup_ratio": {"type": "uniform", "min": 0.0, "max": 0.9, "when": {"optimizer": ["sgd"]}},
}


def test_every_sixteenth_of_the_range_gets_one_of_sixteen_points():
    sampler = make_sampler(DECAY, "sobol")
    assert sorted(int(16 * sampler.ask(slot)["weight_decay"]) for slot in range(16)) == list(range(16))


def test_seed_decides():
    first, again, other = (make_sampler(algorithm="sobol", seed=seed).ask(3) for seed in (1, 1, 2))
    assert first == again != other


def test_rebuilt_after_every_trial():
    undisturbed = run_job(constrained(), 12, with_failures_of)
    for known in range(12):
        history = [through_json(trial) for trial in undisturbed[:known]]
        assert constrained(history).ask(known) == undisturbed[known].params


def test_refused_points_are_left_for_good():
    sampler = constrained()
    indices = [sampler.propose(slot).state["sobol:index"] for slot in range(12)]
    assert indices == sorted(set(indices))
    assert indices[-1] > 11


def test_slot_keeps_its_point_when_asked_again():
    sampler = constrained()
    first = sampler.propose(0)
    sampler.ask(1)
    assert sampler.propose(0) == first


def test_every_parameter_has_its_dimension_whether_it_exists_or_not():
    with_condition, without = (make_sampler(space, "sobol") for space in (CONDITIONAL, free(CONDITIONAL)))
    for slot in range(8):
        given, every = with_condition.ask(slot), without.ask(slot)
        assert given.items() <= every.items()
        assert ("warmup_ratio" in given) == (given["optimizer"] == "sgd")


def test_space_without_an_allowed_point_says_so():
    with pytest.raises(NothingToPropose):
        constrained(rule="gradient_accumulation_steps < 0").ask(0)


def test_space_of_constants():
    assert make_sampler({"seed": {"type": "constant", "value": 3}}, "sobol").ask(0) == {"seed": 3}


def test_failures_change_nothing():
    ended = run_job(make_sampler(MIXED, "sobol"), 6, with_failures)
    assert make_sampler(MIXED, "sobol", history=ended).ask(6) == make_sampler(MIXED, "sobol").ask(6)


def constrained(history=(), rule="gradient_accumulation_steps >= num_epochs"):
    space = SearchSpace.parse(CONSTRAINED, constraints=[rule])
    return Sampler(space=space, algorithm=Algorithm("sobol"), seed=1, metric_mode="max", history=history)


def with_failures_of(number, params):
    return {"outcome": "completed", "value": float(params["num_epochs"])} if number % 3 else {"outcome": "infeasible"}


def free(space):
    return {name: {key: value for key, value in kind.items() if key != "when"} for name, kind in space.items()}
