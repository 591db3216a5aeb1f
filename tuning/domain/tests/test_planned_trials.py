"""Early stopping that can stop nothing, or not all that it should: each reason with its cure."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.job_definition import JobDefinition
from tuning.domain.planned_trials import stopping_reach_warnings

ROWS = 300
RATE = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2}}
SIZES = {"batch_size": {"type": "choice", "values": [10, 100]}}  # 90 and 9 steps in 3 epochs


def warnings_of(stopping: dict[str, Any], **overrides: Any) -> dict[str, list[str]]:
    request = {
        "name": "reach",
        "dataset_key": "some",
        "base_model_id": "tiny-gemma3",
        "search_space_json": RATE,
        "early_stopping_json": stopping,
    }
    return stopping_reach_warnings(JobDefinition.parse(request | overrides), ROWS)


def steps(number: int) -> dict[str, Any]:
    return {"fixed_params_json": {"num_steps": number}}


@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_a_usual_rule_is_not_warned_about(name: str) -> None:
    assert warnings_of({"name": name}) == {}


@pytest.mark.parametrize(
    ("stopping", "overrides", "where", "cure"),
    [
        ({"name": "asha", "unit": "steps", "grace": 200}, steps(50), "step 200", "grace to 49"),
        ({"name": "asha", "unit": "steps", "grace": 50}, steps(50), "step 50", "grace to 49"),
        ({"name": "asha", "unit": "steps", "grace": 94.5}, {}, "step 95", "grace to 28"),
        (
            {"name": "median", "unit": "steps", "grace": 99, "interval": 5, "max_steps": 150},
            {"search_space_json": SIZES},
            "step 99",
            "grace to 89",
        ),
        ({"name": "hyperband", "unit": "steps", "grace": 1000}, {}, "step 1,000", "grace to 28"),
        ({"name": "asha", "grace": 0.9}, steps(5), "0.9 of the training", "grace to 0.8"),
        ({"name": "median", "grace": 0.99}, steps(20), "0.99 of the training", "grace to 0.95"),
        ({"name": "asha"}, steps(1), "0.0625 of the training", "train for more steps"),
    ],
)
def test_a_first_rung_past_the_end_of_every_trial(stopping: Any, overrides: Any, where: str, cure: str) -> None:
    (message,) = warnings_of(stopping, **overrides)["early_stopping_json.grace"]

    assert message.startswith("Stops nothing: no trial reaches the first rung")
    assert where in message and cure in message


@pytest.mark.parametrize("grace", [49, 0.8])
def test_with_the_grace_that_is_named_there_is_no_warning(grace: float) -> None:
    unit = {"unit": "steps"} if grace > 1 else {}
    assert warnings_of({"name": "asha", "grace": grace} | unit, **steps(50 if unit else 5)) == {}


@pytest.mark.parametrize(
    ("overrides", "short"),
    [
        ({"search_space_json": SIZES | RATE}, "Trials of 9 steps are"),
        ({"search_space_json": {"num_steps": {"type": "int", "min": 5, "max": 500}}}, "Trials of 5 to 20 steps are"),
        (
            {"search_space_json": {"gradient_accumulation_steps": {"type": "choice", "values": [1, 2, 4]}} | RATE},
            "Trials of 8 to 15 steps are",
        ),
        (
            {
                "search_space_json": RATE
                | {
                    "optimizer": {"type": "choice", "values": ["sgd", "adamw"]},
                    "num_epochs": {"type": "choice", "values": [1, 2], "when": {"optimizer": ["sgd"]}},
                }
            },
            "Trials of 10 to 19 steps are",
        ),
        (
            {"given_params_json": [{"batch_size": 300, "learning_rate": 0.1}], "search_space_json": SIZES | RATE},
            "Trials of 3 to 9 steps are",
        ),
    ],
)
def test_a_first_rung_past_the_end_of_some_trials(overrides: Any, short: str) -> None:
    found = warnings_of({"name": "asha", "unit": "steps", "grace": 20}, **overrides)

    assert short in " ".join(found["early_stopping_json.grace"])


def test_constraints_count() -> None:
    space = {"batch_size": {"type": "choice", "values": [10, 100]}, "num_epochs": {"type": "choice", "values": [1, 3]}}
    stopping = {"name": "asha", "unit": "steps", "grace": 20}

    assert "grace" in str(warnings_of(stopping, search_space_json=space))
    assert warnings_of(stopping, search_space_json=space, constraints_json=["batch_size * num_epochs <= 30"]) == {}


@pytest.mark.parametrize(
    ("min_samples", "overrides", "cure"),
    [
        (50, {"num_samples": 4}, "min_samples to 3 or less, or raise num_samples to at least 51"),
        (10, {}, "min_samples to 9 or less, or raise num_samples to at least 11"),
        (5, {"num_samples": 5}, "min_samples to 4 or less"),
        (5, {"search_space_json": SIZES}, "search a space of at least 6 configurations"),
        (4, {"search_space_json": SIZES, "algorithm_json": {"name": "grid", "replicates": 2}}, "min_samples to 3"),
    ],
)
def test_a_median_of_more_trials_than_there_are(min_samples: int, overrides: Any, cure: str) -> None:
    found = warnings_of({"name": "median", "min_samples": min_samples}, **overrides)

    (message,) = found["early_stopping_json.min_samples"]
    assert message.startswith(f"Stops nothing: a trial is compared with {min_samples} others or more")
    assert cure in message


def test_as_many_others_as_there_are_is_enough() -> None:
    assert warnings_of({"name": "median", "min_samples": 9}) == {}


@pytest.mark.parametrize(
    ("overrides", "cure"),
    [
        ({"num_samples": 1}, "Raise num_samples to at least 2"),
        ({"search_space_json": {"batch_size": {"type": "constant", "value": 8}}}, "Search a space of at least 2"),
        ({"search_space_json": {"batch_size": {"type": "choice", "values": [8]}}}, "Search a space of at least 2"),
    ],
)
@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_a_job_of_one_trial(name: str, overrides: Any, cure: str) -> None:
    (message,) = warnings_of({"name": name}, **overrides)["early_stopping_json"]

    assert "the search has one trial" in message and cure in message


def test_only_one_trial_that_reaches_a_rung() -> None:
    found = warnings_of({"name": "asha", "unit": "steps", "grace": 30}, search_space_json=SIZES)

    assert "2 trials must reach a rung before one can be stopped, and only 1" in str(found)


def test_no_two_trials_in_one_bracket() -> None:
    stopping = {"name": "hyperband", "brackets": 3}
    found = [str(warnings_of(stopping, num_samples=2, seed=seed)) for seed in range(9)]

    assert any("trials are only compared within a bracket" in text for text in found)


@pytest.mark.parametrize("brackets", [5, 6, 7])
def test_brackets_without_a_rung(brackets: int) -> None:
    stopping = {"name": "hyperband", "unit": "steps", "grace": 5, "reduction_factor": 2, "brackets": brackets}
    (message,) = warnings_of(stopping, num_samples=50)["early_stopping_json.brackets"]  # rungs 5, 10, 20

    assert "Trials in bracket 4 and later are never stopped." in message


@pytest.mark.parametrize("parallel", [1, 8, 64])
def test_parallel_trials_are_compared_as_well(parallel: int) -> None:
    assert warnings_of({"name": "asha"}, num_samples=8, max_concurrent_trials=parallel) == {}


@pytest.mark.parametrize(
    ("target", "metric", "words"),
    [
        (1.5, ("score_mean", "max"), "never reached"),
        (2, ("answer_correctness", "max"), "never reached"),
        (1.01, ("truncated_share", "max"), "never reached"),
        (-0.1, ("eval_loss", "min"), "never reached"),
        (0, ("score_mean", "max"), "the first completed trial reaches the target"),
        (-5, ("tokens_per_second", "max"), "the first completed trial reaches the target"),
        (1, ("truncated_share", "min"), "the first completed trial reaches the target"),
    ],
)
def test_a_target_that_no_trial_or_every_trial_reaches(target: float, metric: tuple[str, str], words: str) -> None:
    definition = JobDefinition.parse(
        {
            "name": "target",
            "dataset_key": "some",
            "base_model_id": "tiny-gemma3",
            "search_space_json": RATE,
            "metric_name": metric[0],
            "metric_mode": metric[1],
            "budget_json": {"target_value": target},
        }
    )

    assert words in " ".join(definition.warnings["budget_json.target_value"])


def test_patience_is_compared_with_the_trials_that_there_can_be() -> None:
    definition = JobDefinition.parse(
        {
            "name": "patience",
            "dataset_key": "some",
            "base_model_id": "tiny-gemma3",
            "search_space_json": SIZES,
            "num_samples": 9,
            "budget_json": {"no_improvement_trials": 2},
        }
    )

    assert "there are only 2 trials" in str(definition.warnings["budget_json.no_improvement_trials"])
