"""What trials of other jobs say to a sampler: what is asked for, what fits into the space, in which order."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.sampling.warm_start import (
    MAX_OBSERVATIONS,
    Comparable,
    from_json,
    known_params,
    parse_warm_start,
    to_json,
)
from tuning.domain.space.search_space import SearchSpace
from tunix.validation.errors import Faults

RATE = {"type": "loguniform", "min": 1e-4, "max": 1e-2}
SPACE = SearchSpace.parse({"learning_rate": RATE})
JOB = str(uuid4())
OURS = Comparable(
    dataset="a",
    dataset_version="hash",
    base_model="tiny",
    method="full",
    prompt={"format": "text"},
    evaluation={"judge": "numeric_match", "split": "validation"},
    judge_version="1",
    objectives=[("score_mean", "max")],
)


def parsed(data: Any) -> tuple[list[str], dict[str, list[str]]]:
    faults = Faults()
    return parse_warm_start(data, faults), faults.messages


def history(*rates: float) -> list[Observation]:
    """Observations whose value falls with the distance from 0.005."""
    known = [Observation(n, {"learning_rate": rate}, "completed", -abs(rate - 0.005)) for n, rate in enumerate(rates)]
    return from_json(to_json(known))


def sampler(known: list[Observation], name: str = "tpe", **options: Any) -> Sampler:
    algorithm = Algorithm.parse({"name": name} | options)
    return Sampler(space=SPACE, algorithm=algorithm, seed=1, metric_mode="max", history=known)


def test_jobs_are_asked_for_by_their_ids() -> None:
    assert parsed({"jobs": [JOB.upper()]}) == ([JOB], {})
    assert parsed(None) == ([], {})


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (7, "warm_start_json"),
        ([], "warm_start_json"),
        ({}, "warm_start_json.jobs"),
        ({"jobs": []}, "warm_start_json.jobs"),
        ({"jobs": JOB}, "warm_start_json.jobs"),
        ({"jobs": [JOB] * 21}, "warm_start_json.jobs"),
        ({"jobs": ["x"]}, "warm_start_json.jobs[0]"),
        ({"jobs": [JOB, 7]}, "warm_start_json.jobs[1]"),
        ({"jobs": [JOB, JOB]}, "warm_start_json.jobs[1]"),
        ({"jobs": [JOB], "trials": 3}, "warm_start_json.trials"),
    ],
)
def test_anything_else_is_refused_by_its_path(data: Any, path: str) -> None:
    assert path in parsed(data)[1]


def test_parameters_that_the_space_lacks_are_left_out() -> None:
    assert known_params(SPACE, {"learning_rate": 0.001, "batch_size": 16}) == {"learning_rate": 0.001}


@pytest.mark.parametrize("hyperparameters", [{"learning_rate": 0.5}, {"batch_size": 16}])
def test_a_configuration_outside_the_space_is_not_known(hyperparameters: dict[str, Any]) -> None:
    assert known_params(SPACE, hyperparameters) is None


def test_a_parameter_that_does_not_exist_beside_the_others_is_left_out() -> None:
    optimizer = {"type": "choice", "values": ["adamw", "sgd"]}
    space = SearchSpace.parse({"optimizer": optimizer, "learning_rate": RATE | {"when": {"optimizer": ["sgd"]}}})

    assert known_params(space, {"optimizer": "adamw", "learning_rate": 7}) == {"optimizer": "adamw"}


def test_they_come_before_every_slot_and_in_their_order() -> None:
    assert [one.number for one in history(0.001, 0.002, 0.003)] == [-3, -2, -1]


def test_of_many_the_latest_are_kept() -> None:
    stored = to_json([Observation(n, {"learning_rate": 0.001}, "completed", float(n)) for n in range(1_005)])

    assert (len(stored), stored[0]["value"]) == (MAX_OBSERVATIONS, 5.0)


@pytest.mark.parametrize("outcome", ["completed", "pruned", "infeasible"])
def test_what_is_stored_is_what_was_told(outcome: Any) -> None:
    told = Observation(-1, {"learning_rate": 0.001}, outcome, 0.5, values=(2.0,), step=8)

    assert from_json(to_json([told])) == [told]


def test_a_sampler_that_starts_warm_learns_from_the_first_slot_on() -> None:
    known = history(*(1e-4 * 10 ** (step / 20) for step in range(41)))
    warm, cold = (
        sum(0.003 < sampler(told, n_startup_trials=5).ask(slot)["learning_rate"] < 0.008 for slot in range(12))
        for told in (known, [])
    )

    assert warm > 2 * cold


def test_a_sampler_built_after_a_crash_proposes_the_same() -> None:
    known = history(0.001, 0.002, 0.005, 0.008)
    live = sampler(known, n_startup_trials=2)
    first = live.propose(0)
    live.tell(Observation(0, first.params, "completed", 0.4))
    rebuilt = sampler(known, n_startup_trials=2)
    rebuilt.tell(Observation(0, first.params, "completed", 0.4))

    assert [live.ask(slot) for slot in (1, 2)] == [rebuilt.ask(slot) for slot in (1, 2)]


def test_a_grid_is_tried_whole_whatever_others_have_tried() -> None:
    space = SearchSpace.parse({"batch_size": {"type": "choice", "values": [16, 32]}})
    known = from_json(to_json([Observation(0, {"batch_size": 16}, "completed", 0.5)]))
    grid = Sampler(space=space, algorithm=Algorithm("grid"), seed=1, metric_mode="max", history=known)

    assert [grid.ask(slot)["batch_size"] for slot in (0, 1)] == [16, 32]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"dataset": "b"}, []),
        ({"dataset": "b", "dataset_version": "other"}, ["dataset b instead of a"]),
        ({"base_model": "small"}, ["base model small instead of tiny"]),
        ({"method": "lora"}, ["method lora instead of full"]),
        ({"prompt": {"format": "chat"}}, ["prompt format chat instead of text"]),
        ({"evaluation": {"judge": "numeric_match", "split": "train"}}, ["split train instead of validation"]),
        ({"judge_version": "2"}, ["judge version 2 instead of 1"]),
        ({"judge_version": None}, []),
        ({"objectives": [("eval_loss", "min")]}, ["metric eval_loss (min) instead of metric score_mean (max)"]),
    ],
)
def test_what_differs_is_named(changes: dict[str, Any], words: list[str]) -> None:
    theirs = Comparable(**(vars(OURS) | changes))

    assert OURS.differences(theirs) == words
