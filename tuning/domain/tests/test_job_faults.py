"""A job that cannot be created is refused, each fault under its path."""

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.tests.factories import FINITE, LEARNING_RATE, make_request

GRID = {"search_space_json": FINITE, "algorithm_json": {"name": "grid"}}
NUM_STEPS = {"num_steps": {"type": "int", "min": 10, "max": 20}}


def errors_of(request):
    with pytest.raises(InvalidJob) as caught:
        JobDefinition.parse(request)
    return caught.value.errors


@pytest.mark.parametrize(
    ("overrides", "path", "words"),
    [
        ({"name": ...}, "name", "Required"),
        ({"name": "  "}, "name", "blank"),
        ({"name": 3}, "name", "Must be text"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"name": "a\x00b"}, "name", "NUL"),
        ({"notes": "\ud800"}, "notes", "surrogates"),
        ({"project": "a b"}, "project", "letters"),
        ({"dataset_key": ...}, "dataset_key", "Required"),
        ({"base_model_id": []}, "base_model_id", "Must be text"),
        ({"mode": "cluster"}, "mode", "Must be one of local"),
        ({"metric_name": "score_men"}, "metric_name", "Did you mean 'score_mean'?"),
        ({"metric_name": "numeric_match"}, "metric_name", "Must be one of"),
        ({"metric_mode": "maximum"}, "metric_mode", "Must be one of max, min"),
        ({"num_samples": 0}, "num_samples", "from 1 to 10,000"),
        ({"num_samples": 10**9}, "num_samples", "from 1 to 10,000"),
        ({"num_samples": 2.5}, "num_samples", "whole number"),
        ({"num_samples": True}, "num_samples", "whole number"),
        (GRID | {"num_samples": 7}, "num_samples", "only 6 combinations"),
        ({"max_concurrent_trials": 65}, "max_concurrent_trials", "from 1 to 64"),
        ({"seed": 2**32}, "seed", "from 0"),
        ({"seed": -1}, "seed", "from 0"),
        ({"search_space_json": ...}, "search_space_json", "Required"),
        ({"search_space_json": {}}, "search_space_json", "Empty"),
        ({"search_space": FINITE}, "search_space", "one of them"),
        ({"fixed_params_json": {"batch_size": 8}}, "fixed_params_json.batch_size", "search space too"),
        ({"fixed_params_json": {"num_epochs": 0}}, "fixed_params_json.num_epochs", "at least 1"),
        ({"fixed_params_json": {"num_epochs": 1, "num_steps": 9}}, "fixed_params_json.num_steps", "not both"),
        (
            {"search_space_json": NUM_STEPS, "fixed_params_json": {"num_epochs": 2}},
            "search_space_json.num_steps",
            "not both",
        ),
        ({"evaluation_json": {"judge": "answer_corectness"}}, "evaluation_json.judge", "Did you mean"),
        ({"confirmation_json": {"max_seeds": 21}}, "confirmation_json.max_seeds", "from 2 to 20"),
        ({"confirmation_json": {"seeds": 5, "max_seeds": 4}}, "confirmation_json.max_seeds", "begins with 5 seeds"),
        ({"confirmation_json": {"margin": 0}}, "confirmation_json.margin", "greater than 0"),
        ({"evaluation_json": {"split": "dev"}}, "evaluation_json.split", "Must be one of train"),
        ({"evaluation_json": {"max_items": 0}}, "evaluation_json.max_items", "from 1"),
        ({"evaluation_json": {"max_item": 5}}, "evaluation_json.max_item", "Did you mean 'max_items'?"),
        ({"evaluation_json": "exact"}, "evaluation_json", "Must be an object"),
        ({"algorithm_json": {"name": "gird"}}, "algorithm_json.name", "Did you mean 'grid'?"),
        ({"algorithm_json": {"name": "grid"}}, "search_space_json.learning_rate", "A grid needs"),
        ({"early_stopping_json": {"name": "ahsa"}}, "early_stopping_json.name", "Did you mean"),
        ({"objectives_json": [{"name": "eval_loss"}]}, "objectives_json.0.name", "Unknown field"),
        ({"budget_json": {"max_seconds": 0}}, "budget_json.max_seconds", "greater than 0"),
        ({"budget_json": {"max_seconds": float("inf")}}, "budget_json.max_seconds", "finite"),
        ({"budget_json": {"max_failed_trials": -1}}, "budget_json.max_failed_trials", "from 0"),
        ({"budget_json": {"max_second": 1}}, "budget_json.max_second", "Did you mean 'max_seconds'?"),
        ({"resources_json": {"threads": 0}}, "resources_json.threads", "from 1"),
        ({"num_sample": 3}, "num_sample", "Did you mean 'num_samples'?"),
    ],
)
def test_fault_has_path_and_reason(overrides, path, words):
    assert words in " ".join(errors_of(make_request(**overrides))[path])


@pytest.mark.parametrize("body", [[], "text", 3, None, [[[[]]]]])
def test_body_must_be_an_object(body):
    assert errors_of(body)["non_field_errors"] == ["Must be an object."]


def test_all_faults_are_named_at_once():
    request = make_request(name="", num_samples=0, metric_name="x", algorithm_json=3, search_space_json=[])
    assert errors_of(request).keys() == {
        "name",
        "num_samples",
        "metric_name",
        "algorithm_json",
        "search_space_json",
    }


def test_a_fault_is_named_once():
    space = {"learning_rate": {**LEARNING_RATE, "min": 0}}
    assert errors_of(make_request(search_space_json=space)) == {
        "search_space_json.learning_rate.min": ["Must be greater than 0 on a logarithmic scale."]
    }
