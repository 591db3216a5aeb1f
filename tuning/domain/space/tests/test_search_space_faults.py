"""A space that cannot be searched is refused, each fault under its path."""

import pytest

from tuning.domain.tests.factories import LEARNING_RATE, faults_of

PREFIX = "search_space_json"
HUGE = 10**400


def of_learning_rate(**definition):
    return {"learning_rate": definition}


@pytest.mark.parametrize(
    ("space", "path", "words"),
    [
        (None, "", "Must be an object"),
        ([], "", "Must be an object"),
        ({}, "", "Empty"),
        ({f"p{number}": LEARNING_RATE for number in range(51)}, "", "more than 50"),
        ({"lerning_rate": LEARNING_RATE}, "lerning_rate", "Did you mean 'learning_rate'?"),
        ({1: LEARNING_RATE}, "1", "Unknown hyperparameter"),
        ({"learning_rate": 0.1}, "learning_rate", "Must be an object"),
        (of_learning_rate(min=0, max=1), "learning_rate.type", "Required"),
        (of_learning_rate(type="log_uniform", min=0, max=1), "learning_rate.type", "Did you mean 'loguniform'?"),
        (of_learning_rate(type=["uniform"]), "learning_rate.type", "Must be one of"),
        (of_learning_rate(type="uniform", min=0.1), "learning_rate.max", "Required"),
        (of_learning_rate(type="uniform", min=0.1, max=1, maxx=2), "learning_rate.maxx", "Did you mean 'max'?"),
        (of_learning_rate(type="uniform", min=0.2, max=0.1), "learning_rate.min", "below max, which is 0.1"),
        (of_learning_rate(type="uniform", min=0.1, max=0.1), "learning_rate.max", "constant"),
        (of_learning_rate(type="uniform", min="1e-4", max=1), "learning_rate.min", "Must be a number"),
        (of_learning_rate(type="uniform", min=True, max=2), "learning_rate.min", "Must be a number"),
        (of_learning_rate(type="uniform", min=0.1, max=float("inf")), "learning_rate.max", "finite"),
        (of_learning_rate(type="uniform", min=float("nan"), max=1), "learning_rate.min", "finite"),
        (of_learning_rate(type="uniform", min=0.1, max=HUGE), "learning_rate.max", "finite"),
        (of_learning_rate(type="uniform", min=0.1, max=1e9), "learning_rate.max", "at most"),
        (of_learning_rate(type="uniform", min=0, max=1), "learning_rate.min", "greater than 0"),
        (of_learning_rate(type="loguniform", min=0, max=1), "learning_rate.min", "greater than 0"),
        (of_learning_rate(type="quniform", min=0.1, max=1, q=0), "learning_rate.q", "greater than 0"),
        (of_learning_rate(type="quniform", min=0.1, max=1, q=1), "learning_rate.q", "only one value"),
        (of_learning_rate(type="quniform", min=0.1, max=1, q=1e-9), "learning_rate.q", "steps"),
        (of_learning_rate(type="quniform", min=0.1, max=1, q=1e-30), "learning_rate.q", "Too small"),
        (of_learning_rate(type="choice", values=[]), "learning_rate.values", "empty"),
        (of_learning_rate(type="choice", values="abc"), "learning_rate.values", "list"),
        (of_learning_rate(type="choice", values=[0.1, 0.1]), "learning_rate.values.1", "Repeats"),
        (of_learning_rate(type="choice", values=[0.1, [0.2]]), "learning_rate.values.1", "Must be text"),
        (of_learning_rate(type="choice", values=[0.1, -1]), "learning_rate.values.1", "greater than 0"),
        (of_learning_rate(type="choice", values=list(range(1, 1002))), "learning_rate.values", "at most 1,000"),
        (of_learning_rate(type="constant", value=0), "learning_rate.value", "greater than 0"),
        (of_learning_rate(type="constant", value={}), "learning_rate.value", "Must be text"),
        ({"batch_size": {"type": "choice", "values": [0, 8]}}, "batch_size.values.0", "at least 1"),
        ({"batch_size": {"type": "uniform", "min": 1, "max": 8}}, "batch_size.type", "use int or choice"),
        ({"batch_size": {"type": "int", "min": 1.5, "max": 8}}, "batch_size.min", "whole number"),
        ({"batch_size": {"type": "int", "min": 1, "max": 2**60}}, "batch_size.max", "within"),
        ({"batch_size": {"type": "int", "min": 1, "max": 8, "step": 0}}, "batch_size.step", "at least 1"),
        ({"batch_size": {"type": "int", "min": 1, "max": 8, "step": 9}}, "batch_size.step", "only one value"),
        ({"batch_size": {"type": "int", "min": 1, "max": 8, "step": 2, "log": True}}, "batch_size.step", "not both"),
        ({"warmup_ratio": {"type": "int", "min": 0, "max": 1, "log": True}}, "warmup_ratio.min", "at least 1"),
        ({"batch_size": {"type": "int", "min": 1, "max": 8, "log": 1}}, "batch_size.log", "true or false"),
        ({"optimizer": {"type": "int", "min": 0, "max": 3}}, "optimizer.type", "use choice"),
        ({"optimizer": {"type": "choice", "values": ["adamw", "adm"]}}, "optimizer.values.1", "Must be one of"),
        ({"optimizer": {"type": "choice", "values": ["a\x00", "\ud800"]}}, "optimizer.values.1", "surrogates"),
    ],
)
def test_fault_has_path_and_reason(space, path, words):
    messages = faults_of(space)[f"{PREFIX}.{path}" if path else PREFIX]
    assert words in " ".join(messages)


def test_all_faults_are_named_at_once():
    space = {
        "learning_rate": {"type": "uniform", "min": 2, "max": 1, "extra": 0},
        "batchsize": {"type": "choice", "values": []},
    }
    assert faults_of(space).keys() == {
        f"{PREFIX}.learning_rate.min",
        f"{PREFIX}.learning_rate.extra",
        f"{PREFIX}.batchsize",
        f"{PREFIX}.batchsize.values",
    }


def test_paths_and_messages_can_be_sent_as_utf8():
    errors = faults_of({"\ud800\x00": {"type": "constant", "value": 1}})
    (path,) = errors
    assert path.encode() == b"search_space_json.\\ud800\\x00"


def test_true_is_not_a_duplicate_of_one():
    errors = faults_of({"learning_rate": {"type": "choice", "values": [1, True]}})
    assert "Repeats" not in " ".join(errors[f"{PREFIX}.learning_rate.values.1"])
