"""Where spelling deceives: bounds, exponents, texts that are numbers, values that cannot be kept."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import Imported


def wandb(**parameters: Any) -> Imported:
    return import_definition({"parameters": parameters})


def ray(**functions: Any) -> Imported:
    return import_definition(functions)


def levels(imported: Imported) -> list[str]:
    return [note.level for note in imported.report]


def test_log_uniform_has_exponents_and_log_uniform_values_has_not() -> None:
    space = wandb(
        learning_rate={"distribution": "log_uniform", "min": -2, "max": -1},
        weight_decay={"distribution": "log_uniform_values", "min": 0.1, "max": 0.2},
    ).space

    assert space["learning_rate"]["min"] == pytest.approx(0.1353, abs=1e-4)
    assert space["weight_decay"] == {"type": "loguniform", "min": 0.1, "max": 0.2}


@pytest.mark.parametrize(("high", "kind"), [(9, "int"), (9.0, "uniform")])
def test_bounds_alone_are_whole_where_both_are(high: float, kind: str) -> None:
    assert wandb(max_grad_norm={"min": 1, "max": high}).space["max_grad_norm"]["type"] == kind


@pytest.mark.parametrize("function", ["randint", "lograndint"])
def test_ray_excludes_the_upper_bound_of_whole_numbers(function: str) -> None:
    assert ray(num_epochs={function: [1, 10]}).space["num_epochs"]["max"] == 9


@pytest.mark.parametrize("function", ["qrandint", "qlograndint"])
def test_ray_includes_it_where_there_are_steps(function: str) -> None:
    assert ray(num_epochs={function: [2, 10, 2]}).space["num_epochs"]["max"] == 10


def test_a_range_of_one_whole_number_is_a_constant() -> None:
    assert ray(num_epochs={"randint": [3, 4]}).space["num_epochs"] == {"type": "constant", "value": 3}


def test_1e_4_is_a_number_in_yaml() -> None:
    imported = import_definition("parameters:\n  learning_rate: {min: 1e-4, max: 1E-1}\n")

    assert imported.space["learning_rate"] == {"type": "uniform", "min": 1e-4, "max": 0.1}


def test_truth_is_truth_in_yaml_as_its_tools_read_it() -> None:
    imported = import_definition("parameters:\n  flag: {values: [True, no]}\n")

    assert imported.unmapped[0].definition["values"] == [True, False]


def test_nothing_that_python_would_compute_is_run() -> None:
    text = '{"seed": tune.choice([1]), "lr": tune.sample_from(__import__("os").abort), "bs": open("x")}'

    imported = import_definition(text)

    assert [note.source for note in imported.refused] == ['tune.sample_from(__import__("os").abort)', 'open("x")']


@pytest.mark.parametrize("text", ["2**9999999", "10**6 * 10**9", "1/0", "[i for i in range(9)]"])
def test_arithmetic_that_could_be_costly_or_fail_refuses_its_parameter(text: str) -> None:
    imported = import_definition(f'{{"seed": tune.choice([0]), "batch_size": {text}}}')

    assert [note.path for note in imported.refused] == ["batch_size"]


def test_values_are_kept_and_weights_are_lost() -> None:
    imported = wandb(optimizer={"values": ["adamw", "sgd"], "probabilities": [0.9, 0.1]})

    assert imported.space["optimizer"] == {"type": "choice", "values": ["adamw", "sgd"]}
    assert levels(imported) == ["lossy"]


def test_steps_of_a_whole_number_win_over_its_scale() -> None:
    imported = wandb(batch_size={"distribution": "q_log_uniform_values", "min": 32, "max": 256, "q": 8})

    assert imported.space["batch_size"] == {"type": "int", "min": 32, "max": 256, "step": 8}
    assert "the scale is lost" in imported.report[-1].message


def test_a_distribution_that_has_no_like_is_refused_and_left_out() -> None:
    imported = wandb(beta1={"distribution": "beta", "a": 2, "b": 3}, seed={"value": 1})

    assert list(imported.space) == ["seed"]
    assert [note.path for note in imported.refused] == ["parameters.beta1"]


def test_what_our_hyperparameter_does_not_take_is_refused_with_the_reason() -> None:
    imported = wandb(batch_size={"min": 0.5, "max": 8.5})

    assert imported.space == {}
    assert "is an integer" in imported.refused[0].message


def test_a_parameter_goes_with_the_one_it_depends_on() -> None:
    below = {"parameterId": "beta1", "doubleValueSpec": {"minValue": 0.1, "maxValue": 0.9}}
    optimizer = {
        "parameterId": "optimizer",
        "categoricalValueSpec": {"values": ["adamw", "rmsprop"]},
        "conditionalParameterSpecs": [{"parentCategoricalValues": {"values": ["adamw"]}, "parameterSpec": below}],
    }

    imported = import_definition({"parameters": [optimizer]})

    assert imported.space == {}
    assert [note.path for note in imported.refused] == ["parameters[0]", "parameters[0].conditionalParameterSpecs[0]"]


def test_the_same_name_under_other_conditions_is_kept_once() -> None:
    option = {"_name": "a", "lr": {"_type": "uniform", "_value": [0.1, 0.2]}}
    other = {"_name": "b", "lr": {"_type": "uniform", "_value": [0.1, 0.9]}}

    imported = import_definition({"kind": {"_type": "choice", "_value": [option, other]}})

    assert [item.name for item in imported.unmapped] == ["kind", "kind.lr"]
    assert [note.path for note in imported.refused] == ["kind._value[1].lr"]


def test_a_value_that_appears_twice_counts_once() -> None:
    imported = ray(seed={"choice": [1, 2, 2]})

    assert imported.space["seed"]["values"] == [1, 2]
    assert levels(imported) == ["lossy"]


@pytest.mark.parametrize("value", ["lots", 0, 10**9, True, [1]])
def test_a_count_that_cannot_be_used_is_left_out_and_told(value: Any) -> None:
    imported = import_definition({"parameters": {"seed": {"value": 1}}, "run_cap": value})

    assert "num_samples" not in imported.job
    assert imported.report[-1].path == "run_cap"


def test_an_objective_with_a_minus_is_minimised() -> None:
    parameters = [{"name": "seed", "type": "fixed", "value": 1}]

    job = import_definition({"parameters": parameters, "objective": "-eval_loss"}).job

    assert (job["metric_name"], job["metric_mode"]) == ("eval_loss", "min")


def test_vertex_fails_with_the_last_failure_and_we_with_one_more() -> None:
    parameters = [{"parameterId": "seed", "discreteValueSpec": {"values": [1]}}]

    job = import_definition({"studySpec": {"parameters": parameters}, "maxFailedTrialCount": "5"}).job

    assert job["budget_json"] == {"max_failed_trials": 4}


def test_the_first_objective_that_is_known_chooses_and_the_others_go_along() -> None:
    parameters = [{"name": "seed", "type": "fixed", "value": 1}]

    imported = import_definition(
        {"parameters": parameters, "objective": "flops, score_mean, -train_seconds, score_mean"}
    )

    assert (imported.job["metric_name"], imported.job["metric_mode"]) == ("score_mean", "max")
    assert imported.job["objectives_json"] == [{"metric": "train_seconds", "mode": "min"}]
    assert levels(imported) == ["translated", "lossy", "translated", "translated", "lossy"]
