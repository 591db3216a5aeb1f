"""Early stopping that can stop nothing is warned about, and no other: compared with Ray's own decisions.

The oracle shares no code with the warnings. It lists the configurations of a small space, computes steps and rungs by
itself, and lets the scheduler of the sweep decide about many values of the metric, the worst order of them included.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations, permutations, product
from typing import Any

import pytest

from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.planned_trials import stopping_reach_warnings
from tuning.execution.source import SOURCES

from .test_ray_stopping import SWEEP, Recorder, new_trial, scheduler

pytestmark = pytest.mark.slow  # imports Ray

ROWS = 60
SEED = 7  # of `scheduler`
VALUES_TRIED = 6
DEFINITIONS = 300


@pytest.fixture(autouse=True)
def recorder() -> Iterator[None]:
    SOURCES[SWEEP] = Recorder()  # type: ignore[assignment]
    yield
    del SOURCES[SWEEP]


def definition(chance: random.Random) -> dict[str, Any]:
    """A small job with early stopping, some of it of no use."""
    rule = chance.choice(["asha", "median", "hyperband"])
    options: dict[str, Any] = {"name": rule, "metric": "train_loss"}
    if rule == "median":
        options["min_samples"] = chance.randint(1, 5)
    else:
        options["reduction_factor"] = chance.randint(2, 4)
    if chance.random() < 0.5:
        options |= {"unit": "steps", "grace": chance.choice([1, 3, 8, 20])}
        options |= {"interval": 5, "max_steps": 60} if rule == "median" else {}
    elif chance.random() < 0.5:
        options["grace"] = chance.choice([0.1, 0.3, 0.9])
    if rule == "hyperband":
        options["brackets"] = chance.choice([2, 2, 3])
    space: dict[str, Any] = {"batch_size": {"type": "choice", "values": chance.sample([4, 10, 30, 60], 2)}}
    if rule != "hyperband":
        space["num_epochs"] = {"type": "choice", "values": chance.sample([1, 2, 4], chance.randint(1, 2))}
    else:  # the bracket of a trial follows from its number, so that all trials are equally long here
        space = {"learning_rate": {"type": "uniform", "min": 0.01, "max": 0.02}}
    return {
        "name": "reach",
        "dataset_key": "some",
        "base_model_id": "tiny-gemma3",
        "metric_name": chance.choice(["score_mean", "eval_loss"]),
        "num_samples": chance.randint(1, 3 if rule == "hyperband" else 5),
        "confirmation_json": {"controls": chance.random() < 0.8, "seeds": chance.randint(2, 9)},
        "algorithm_json": {"name": "random"},
        "search_space_json": space,
        "fixed_params_json": {"schedule": "constant"}
        | ({"num_steps": chance.choice([1, 5, 12, 30])} if rule == "hyperband" else {}),
        "early_stopping_json": options,
        "seed": SEED,
    }


def definitions(seed: int) -> Iterator[tuple[dict[str, Any], JobDefinition]]:
    chance = random.Random(seed)
    for _ in range(DEFINITIONS):
        data = definition(chance)
        with suppress(InvalidJob):  # more brackets than there can be
            yield data, JobDefinition.parse(data)


def messages_of(parsed: JobDefinition) -> list[str]:
    return [text for texts in stopping_reach_warnings(parsed, ROWS).values() for text in texts]


def lengths_of(data: dict[str, Any]) -> list[int]:
    """The steps of every configuration."""
    space = data["search_space_json"]
    if "learning_rate" in space:
        return [data["fixed_params_json"]["num_steps"]] * data["num_samples"]
    choices = [space[name]["values"] for name in ("batch_size", "num_epochs")]
    return [math.ceil(epochs * ROWS / batch) for batch, epochs in product(*choices)]


def reports(stopping: EarlyStopping, steps: int) -> list[float]:
    """Where a training of so many steps reports, computed from the options."""
    end, unit = (1.0, steps) if stopping.unit == "share" else (float(stopping.max_steps or 10**6), 1)
    found, at = [], stopping.grace
    while at < end - 1e-9:
        if math.ceil(at * unit - 1e-9) < steps:
            found.append(at)
        at = (
            at + stopping.options["interval"]
            if stopping.name == "median"
            else at * stopping.options["reduction_factor"]
        )
    return found


def stops_any(stopping: EarlyStopping, numbers: Sequence[int], lengths: Sequence[int], values: Any) -> bool:
    """Whether a trial is stopped, one trial after the other; `values(trial, rung)` is the metric there."""
    stopper = scheduler(stopping)
    for index, (number, steps) in enumerate(zip(numbers, lengths, strict=True)):
        trial = new_trial(stopper, number)
        for rung, at in enumerate(reports(stopping, steps), start=1):
            result = {"rung": rung, "at": at, "step": 1, "steps": steps, "value": values(index, rung)}
            if stopper.on_trial_result(None, trial, result) == "STOP":
                return True
        stopper.on_trial_complete(None, trial, {"outcome": "completed"})
    return False


def can_stop(data: dict[str, Any], stopping: EarlyStopping, chance: random.Random) -> bool:
    lengths = lengths_of(data)
    count = min(data["num_samples"], len(lengths))
    confirmation = data["confirmation_json"]
    untuned = 1 if data["metric_name"] == "score_mean" else 0
    first = confirmation["seeds"] + untuned if confirmation["controls"] else 0
    numbers = range(first, first + count)
    chosen = {order for some in combinations(lengths, count) for order in permutations(some)}
    for order in sorted(chosen):
        if stops_any(stopping, numbers, order, lambda trial, rung: float(trial)):
            return True
    orders = chance.choices(sorted(chosen), k=VALUES_TRIED)
    return any(stops_any(stopping, numbers, order, lambda *_: chance.random()) for order in orders)


def test_it_is_warned_about_exactly_if_no_values_stop_a_trial() -> None:
    outcomes = set()
    for data, parsed in definitions(seed=12):
        assert parsed.early_stopping is not None
        is_useless = any(text.startswith("Stops nothing") for text in messages_of(parsed))

        assert is_useless != can_stop(data, parsed.early_stopping, random.Random(1)), data
        outcomes.add((parsed.early_stopping.name, is_useless))
    assert outcomes == set(product(["asha", "median", "hyperband"], [True, False]))


def test_trials_too_short_for_a_rung_are_warned_about_exactly_if_there_are_some() -> None:
    for data, parsed in definitions(seed=13):
        assert parsed.early_stopping is not None
        messages = messages_of(parsed)
        are_some = not all(reports(parsed.early_stopping, steps) for steps in lengths_of(data))

        if not any(text.startswith("Stops nothing") for text in messages):
            assert any("are never stopped: their training" in text for text in messages) == are_some, data
