"""The search algorithm and its options."""

import pytest

from tuning.domain.algorithm import Algorithm, InvalidAlgorithm

TPE = {"name": "tpe", "n_startup_trials": 10, "multivariate": True, "group": False, "n_ei_candidates": 24}


@pytest.mark.parametrize(
    ("data", "resolved"),
    [
        (None, TPE),
        ({"name": "tpe", "n_startup_trials": 3}, TPE | {"n_startup_trials": 3}),
        ({"name": "tpe", "n_startup_trials": 10, "multivariate": True}, TPE),
        ({"name": "sobol"}, {"name": "sobol"}),
        ({"name": "random"}, {"name": "random"}),
        ({"name": "grid"}, {"name": "grid"}),
    ],
)
def test_defaults_are_resolved(data, resolved):
    assert Algorithm.parse(data).to_json() == resolved
    assert Algorithm.parse(resolved).to_json() == resolved


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ("tpe", "algorithm_json", "Must be an object"),
        ({"name": "tpee"}, "algorithm_json.name", "Did you mean 'tpe'?"),
        ({"name": ["tpe"]}, "algorithm_json.name", "Must be one of"),
        ({"name": "random", "n_startup_trials": 3}, "algorithm_json.n_startup_trials", "Unknown field"),
        ({"n_startup_trails": 3}, "algorithm_json.n_startup_trails", "Did you mean 'n_startup_trials'?"),
        ({"n_startup_trials": 0}, "algorithm_json.n_startup_trials", "from 1 to 1,000"),
        ({"n_startup_trials": True}, "algorithm_json.n_startup_trials", "whole number"),
        ({"multivariate": 1}, "algorithm_json.multivariate", "true or false"),
        ({"multivariate": False, "group": True}, "algorithm_json.group", "Needs multivariate"),
        ({"n_ei_candidates": 0}, "algorithm_json.n_ei_candidates", "from 1 to 10,000"),
        ({"name": "sobol", "scramble": True}, "algorithm_json.scramble", "Unknown field"),
    ],
)
def test_fault_has_path_and_reason(data, path, words):
    with pytest.raises(InvalidAlgorithm) as caught:
        Algorithm.parse(data)
    assert words in " ".join(caught.value.errors[path])


def test_options_must_be_complete():
    with pytest.raises(ValueError, match="n_startup_trials"):
        Algorithm("tpe", {})
