"""No configuration is proposed twice, and a space that is used up says so."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.sampling.algorithm import OPTIONS, Algorithm
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import NothingToPropose, Sampler
from tuning.domain.sampling.unseen import Unseen
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.size import MAX_COUNTED, size_of

BATCHES = {"type": "choice", "values": [8, 16, 32]}
EPOCHS = {"type": "int", "min": 1, "max": 4}
FINITE: dict[str, Any] = {"batch_size": BATCHES, "num_epochs": EPOCHS}
HUGE: dict[str, Any] = {"seed": {"type": "int", "min": 0, "max": 10**6}, "num_epochs": EPOCHS}
RATE = {"type": "loguniform", "min": 1e-4, "max": 1e-1}


def sampler_of(space: SearchSpace, algorithm: str, seed: int = 0) -> Sampler:
    return Sampler(space=space, algorithm=Algorithm.parse({"name": algorithm}), seed=seed, metric_mode="max")


def until_the_end(space: SearchSpace, algorithm: str) -> tuple[list[dict[str, Any]], str]:
    """Everything that is proposed, and why it ended."""
    sampler, found = sampler_of(space, algorithm), []
    while True:
        try:
            found.append(sampler.ask(len(found)))
        except NothingToPropose as end:
            return found, str(end)
        sampler.tell(Observation(len(found) - 1, found[-1], "completed", float(found[-1]["num_epochs"])))


@pytest.mark.parametrize("algorithm", sorted(OPTIONS))
def test_every_configuration_is_proposed_once(algorithm: str) -> None:
    found, why = until_the_end(SearchSpace.parse(FINITE), algorithm)

    assert len({tuple(sorted(params.items())) for params in found}) == len(found) == 12
    assert why == "all 12 configurations were tried"


@pytest.mark.parametrize("algorithm", sorted(OPTIONS))
def test_what_breaks_a_constraint_is_left_out(algorithm: str) -> None:
    found, why = until_the_end(SearchSpace.parse(FINITE, ["batch_size * num_epochs <= 32"]), algorithm)

    assert len(found) == 7
    assert why == "all 7 configurations were tried"


def test_a_configuration_that_is_known_is_not_proposed() -> None:
    sampler = sampler_of(SearchSpace.parse(FINITE), "grid")
    sampler.tell(Observation(0, {"batch_size": 8, "num_epochs": 1}, "failed"))

    assert sampler.ask(1) == {"batch_size": 8, "num_epochs": 2}


def test_what_lies_outside_uses_nothing_up() -> None:
    unseen = Unseen(SearchSpace.parse({"batch_size": {"type": "choice", "values": [8]}}))
    unseen.note({"batch_size": 64})
    unseen.refuse_if_exhausted()

    assert unseen.is_allowed({"batch_size": 8})


def test_the_only_configuration_is_tried_once() -> None:
    found, why = until_the_end(SearchSpace.parse({"num_epochs": {"type": "constant", "value": 3}}), "tpe")

    assert (found, why) == ([{"num_epochs": 3}], "the only configuration was tried")


def test_where_no_draw_obeys_the_search_ends() -> None:
    space = SearchSpace.parse({"learning_rate": RATE, "num_epochs": EPOCHS}, ["learning_rate >= num_epochs"])

    assert until_the_end(space, "random") == (
        [],
        "none of 1,000 draws was a new configuration that obeys the constraints",
    )


def test_a_grid_does_not_look_for_ever() -> None:
    space = SearchSpace.parse(HUGE, ["seed * seed < 0"])

    assert until_the_end(space, "grid") == ([], "100,000 combinations in a row break the constraints")


def test_a_sampler_built_after_a_crash_picks_the_same_of_the_rest() -> None:
    space = SearchSpace.parse(FINITE)
    known, _ = until_the_end(space, "tpe")
    again = sampler_of(space, "tpe")
    for slot, params in enumerate(known[:11]):
        again.tell(Observation(slot, params, "completed", float(params["num_epochs"])))

    assert again.ask(11) == known[11]


@pytest.mark.parametrize(
    ("space", "constraints", "expected"),
    [
        (FINITE, [], "12"),
        (FINITE, ["batch_size * num_epochs <= 32"], "7"),
        (FINITE, ["batch_size > 32"], "0"),
        (HUGE, [], "4,000,004"),
        (HUGE, ["seed >= num_epochs"], "at most 4,000,004"),
        ({"learning_rate": RATE}, [], "None"),
        ({**FINITE, "max_seq_length": {"type": "derived", "product": "200 * batch_size"}}, [], "8"),
    ],
)
def test_size(space: dict[str, Any], constraints: list[str], expected: str) -> None:
    assert str(size_of(SearchSpace.parse(space, constraints))) == expected


def test_size_is_exact_up_to_a_limit() -> None:
    seeds = {"seed": {"type": "int", "min": 1, "max": MAX_COUNTED}}
    size = size_of(SearchSpace.parse(seeds, ["seed <= 3"]))

    assert size is not None
    assert (size.number, size.is_exact) == (3, True)
