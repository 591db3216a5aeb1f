"""A job's definition, every default resolved."""

import json

from tuning.domain.job_definition import JobDefinition
from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.tests.factories import FINITE, make_request


def parse(**overrides):
    return JobDefinition.parse(make_request(**overrides))


def test_defaults_are_resolved():
    resolved = parse().to_json()
    given = make_request()
    assert {name: value for name, value in resolved.items() if name not in given} == {
        "notes": "",
        "project": "default",
        "method": "full",
        "prompt_json": {"format": "auto", "template": "{prompt}", "system": "", "examples": 0, "too_long": "cut"},
        "mode": "local",
        "metric_name": "score_mean",
        "metric_mode": "max",
        "objectives_json": None,
        "num_samples": 10,
        "max_concurrent_trials": 1,
        "fixed_params_json": {},
        "evaluation_json": {
            "judge": "answer_correctness",
            "split": "validation",
            "max_items": 256,
            "max_new_tokens": 32,
            "test_items": 2048,
            "racing": False,
        },
        "constraints_json": [],
        "given_params_json": [],
        "warm_start_json": None,
        "algorithm_json": Algorithm.parse({"name": "tpe"}).to_json(),
        "early_stopping_json": None,
        "budget_json": {
            "max_seconds": None,
            "max_failed_trials": 5,
            "max_trial_seconds": None,
            "max_judge_cost": None,
            "target_value": None,
            "no_improvement_trials": None,
        },
        "confirmation_json": {
            "controls": True,
            "automatic": False,
            "top": 3,
            "seeds": 3,
            "max_seeds": 8,
            "margin": 0.02,
        },
        "guards_json": [],
        "resources_json": {"threads": 1},
        "seed": 0,
    }


def test_resolved_definition_is_read_back_the_same():
    definition = parse(search_space_json=FINITE, algorithm_json={"name": "grid"}, budget_json={"max_seconds": 60})
    assert JobDefinition.parse(json.loads(json.dumps(definition.to_json()))) == definition


def test_null_means_default():
    optional = {name: None for name in parse().to_json() if name not in make_request()}
    assert parse(**optional) == parse()


def test_search_space_is_accepted_for_search_space_json():
    request = make_request()
    assert parse(search_space_json=..., search_space=request["search_space_json"]) == parse()


def test_failure_limit_follows_the_number_of_trials():
    assert parse(num_samples=40).budget.max_failed_trials == 20


def test_metric_decides_its_mode():
    assert parse(metric_name="eval_loss").metric_mode == "min"


def test_judge_brings_its_own_metric():
    definition = parse(evaluation_json={"judge": "numeric_match"}, metric_name="numeric_match")
    assert definition.metric_mode == "max"


def test_grid_has_as_many_trials_as_combinations():
    assert parse(search_space_json=FINITE, algorithm_json={"name": "grid"}).num_samples == 6


def test_large_grid_is_cut_to_the_largest_job():
    space = {"seed": {"type": "int", "min": 0, "max": 99_999}}
    definition = parse(search_space_json=space, algorithm_json={"name": "grid"})
    assert definition.num_samples == 10_000
    assert "num_samples" in definition.warnings


def test_warnings_of_all_parts_are_collected():
    definition = parse(
        search_space_json={"learning_rate": {"type": "choice", "values": [1e6]}},
        fixed_params_json={"weight_decay": 5},
        evaluation_json={"split": "test"},
        metric_mode="min",
    )
    assert definition.warnings.keys() == {
        "search_space_json.learning_rate.values.0",
        "fixed_params_json.weight_decay",
        "evaluation_json.split",
        "metric_mode",
    }


def test_usual_job_has_no_warnings():
    assert parse().warnings == {}
