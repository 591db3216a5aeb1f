"""The parameters that all trials share."""

import pytest

from tuning.domain.space.fixed_params import InvalidFixedParams, check_fixed_params


@pytest.mark.parametrize(
    ("params", "path", "words"),
    [
        ([], "", "Must be an object"),
        ({"batch_size": 0}, ".batch_size", "at least 1"),
        ({"batch_size": [1]}, ".batch_size", "Must be text, a number"),
        ({"batchsize": 8}, ".batchsize", "Did you mean 'batch_size'?"),
        ({"learning_rate": float("nan")}, ".learning_rate", "finite"),
        ({"learning_rate": "1e-4"}, ".learning_rate", "Must be a number"),
        ({"num_epochs": 1, "num_steps": 5}, ".num_steps", "not both"),
        ({"seed": 1}, ".seed", "search space too"),
        ({3: 1}, ".3", "Unknown"),
        ({"lora_rank": 8}, ".lora_rank", "Only the method lora or qlora has it"),
    ],
)
def test_fault_has_path_and_reason(params, path, words):
    with pytest.raises(InvalidFixedParams) as caught:
        check_fixed_params(params, method="full", searched=frozenset({"seed"}))
    assert words in " ".join(caught.value.errors[f"fixed_params_json{path}"])


def test_unusual_value_warns():
    params, warnings = check_fixed_params({"learning_rate": 5}, method="full")
    assert params == {"learning_rate": 5}
    assert list(warnings) == ["fixed_params_json.learning_rate"]


def test_parameters_of_any_method_are_taken_without_one():
    assert check_fixed_params({"lora_rank": 8}, method=None) == ({"lora_rank": 8}, {})
