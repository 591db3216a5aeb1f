"""The search algorithm and its options."""

import pytest

from tuning.domain.sampling import algorithm
from tuning.domain.sampling.algorithm import Algorithm, InvalidAlgorithm, unsuited
from tuning.domain.space.search_space import SearchSpace

TPE = {"name": "tpe", "n_startup_trials": 10, "multivariate": True, "group": False, "n_ei_candidates": 24}

CMAES = {"name": "cmaes", "n_startup_trials": 1, "sigma0": None, "popsize": None, "lr_adapt": False}
NSGA2 = {
    "name": "nsga2",
    "population_size": 20,
    "mutation_prob": None,
    "crossover": "uniform",
    "crossover_prob": 0.9,
    "swapping_prob": 0.5,
}


@pytest.mark.parametrize(
    ("data", "resolved"),
    [
        (None, TPE),
        ({"name": "tpe", "n_startup_trials": 3}, TPE | {"n_startup_trials": 3}),
        ({"name": "tpe", "n_startup_trials": 10, "multivariate": True}, TPE),
        ({"name": "sobol"}, {"name": "sobol"}),
        ({"name": "cmaes", "popsize": 6}, CMAES | {"popsize": 6}),
        ({"name": "nsga2", "mutation_prob": 0.2}, NSGA2 | {"mutation_prob": 0.2}),
        ({"name": "gp"}, {"name": "gp", "n_startup_trials": 10}),
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
        ({"name": "cmaes", "popsize": 3}, "algorithm_json.popsize", "from 4 to 1,000"),
        ({"name": "cmaes", "sigma0": 0}, "algorithm_json.sigma0", "greater than 0"),
        ({"name": "cmaes", "restart_strategy": "ipop"}, "algorithm_json.restart_strategy", "Unknown field"),
        ({"name": "nsga2", "crossover": "sbxx"}, "algorithm_json.crossover", "Did you mean 'sbx'?"),
        ({"name": "nsga2", "mutation_prob": 1.5}, "algorithm_json.mutation_prob", "from 0 to 1"),
        ({"name": "nsga2", "population_size": 2}, "algorithm_json.population_size", "from 4 to"),
        ({"name": "gp", "n_startup_trials": 1}, "algorithm_json.n_startup_trials", "from 2 to"),
    ],
)
def test_fault_has_path_and_reason(data, path, words):
    with pytest.raises(InvalidAlgorithm) as caught:
        Algorithm.parse(data)
    assert words in " ".join(caught.value.errors[path])


def test_options_must_be_complete():
    with pytest.raises(ValueError, match="n_startup_trials"):
        Algorithm("tpe", {})


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(algorithm, "find_spec", lambda module: None)
    with pytest.raises(InvalidAlgorithm) as caught:
        Algorithm.parse({"name": "gp"})
    assert caught.value.errors["algorithm_json.name"] == [
        "gp needs scikit-learn and scipy: pip install scikit-learn scipy."
    ]


def test_cmaes_needs_a_number():
    space = SearchSpace.parse({"optimizer": {"type": "choice", "values": ["adamw", "sgd"]}})
    faults = unsuited(space, Algorithm.parse({"name": "cmaes"}))
    assert "needs a numeric parameter" in faults["algorithm_json.name"][0]
