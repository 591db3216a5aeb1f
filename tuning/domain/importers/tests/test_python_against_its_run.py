"""What is read from Python without running it, compared with what running it gives: Optuna's and scipy's own values."""

from __future__ import annotations

from random import Random
from typing import Any

import optuna
import pytest
from scipy import stats

from tuning.domain.importers.importing import import_definition
from tuning.domain.space.search_space import SearchSpace

FUNCTIONS = 50
TRIALS = 12
TESTS = (
    "kind == 'sgd'",
    "kind != 'sgd'",
    "kind in ('sgd', 'lion')",
    "not kind == 'lion'",
    "kind == 'adamw' or kind == 'lion'",
    "not (kind == 'adamw' or kind == 'lion')",
    "kind not in ['adamw']",
)
SUGGESTIONS = {
    "learning_rate": "trial.suggest_float('learning_rate', {low}, HIGH, log=True)",
    "weight_decay": "trial.suggest_float('weight_decay', {low}, 0.5, step=0.05)",
    "beta1": "trial.suggest_uniform('beta1', low={low}, high=0.5)",
    "beta2": "trial.suggest_loguniform('beta2', {low}, 0.5)",
    "warmup_ratio": "trial.suggest_discrete_uniform('warmup_ratio', 0.0, 0.3, 0.1)",
    "batch_size": "trial.suggest_int('batch_size', 2 ** 3, 64, step={step})",
    "num_epochs": "trial.suggest_int(name='num_epochs', low=1, high={step}, log=True)",
    "seed": "trial.suggest_categorical('seed', list(range({step})))",
}


def generated(seed: int) -> str:
    """An objective: suggestions in a row, below conditions, in an expression and in a function that it calls."""
    chance = Random(seed)
    lines = ["HIGH = 1e-1", "def further(trial, kind):", "    pass", "", "", "def objective(trial):"]
    lines.append("    kind = trial.suggest_categorical('optimizer', ['adamw', 'sgd', 'lion'])")
    for name in chance.sample(list(SUGGESTIONS), chance.randint(2, 7)):
        call = SUGGESTIONS[name].format(low=chance.choice([0.01, 0.05]), step=chance.choice([2, 5, 8]))
        match chance.randint(0, 6):
            case 0:
                lines += [f"    if {chance.choice(TESTS)}:", f"        {name} = {call}"]
            case 1:
                test, other = chance.sample(TESTS, 2)
                lines += [f"    if {test}:", "        pass", f"    elif {other}:", f"        values = [{call}]"]
            case 2:
                lines.append(f"    value = {call} if {chance.choice(TESTS)} else None")
            case 4:
                lines += [f"    if {chance.choice(TESTS)}:", f"        {name} = {call}", "        return 0.0"]
            case 3:
                lines.insert(2, f"    {name} = {call}")
            case _:
                lines.append(f"    train({name}={call})")
    return "\n".join([*lines, "    further(trial, kind)", "    return 0.0", ""])


def values_of(source: str, seed: int) -> list[dict[str, Any]]:
    """The parameters of real trials of the function."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    names: dict[str, Any] = {"train": lambda **values: None}
    exec(source, names)  # noqa: S102 - written above
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    study.optimize(names["objective"], n_trials=TRIALS)
    # Optuna multiplies steps: 0.35000000000000003 is 0.35.
    return [
        {name: float(f"{value:.12g}") if isinstance(value, float) else value for name, value in trial.params.items()}
        for trial in study.trials
    ]


def exists(definition: dict[str, Any], params: dict[str, Any]) -> bool:
    return all(params.get(other) in values for other, values in definition.get("when", {}).items())


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_trials_of_a_function_have_the_parameters_and_the_values_that_are_read_from_it() -> None:
    conditional = 0
    for seed in range(FUNCTIONS):
        source = generated(seed)
        imported = import_definition(source)
        refused = {note.path for note in imported.refused}
        space = SearchSpace.parse(imported.space)
        conditional += any("when" in item for item in imported.space.values())
        for params in values_of(source, seed):
            expected = {name for name, item in imported.space.items() if exists(item, params)}
            assert set(params) - refused == expected, source
            assert all(space.parameters[name].contains(params[name]) for name in expected), (source, params)
    assert conditional > FUNCTIONS / 3


@pytest.mark.parametrize(
    "call",
    ["uniform(0.1, 0.4)", "uniform(loc=0.2)", "uniform(scale=0.3)", "loguniform(0.01, 0.2)", "reciprocal(0.1, 0.5)"],
)
def test_bounds_of_scipys_distributions_are_those_that_scipy_gives(call: str) -> None:
    text = f"from scipy.stats import {call.partition('(')[0]}\nspace = {{'lr': {call}, 'seed': [1]}}"
    definition = next(item.definition for item in import_definition(text).unmapped)

    low, high = eval(f"stats.{call}.support()", {"stats": stats})  # noqa: S307 - written above
    assert (definition["min"], definition["max"]) == pytest.approx((low, high))


def test_whole_numbers_of_scipy_end_below_the_upper_bound() -> None:
    low, high = stats.randint(2, 9).support()

    space = import_definition("space = {'num_epochs': scipy.stats.randint(2, 9), 'seed': [1]}").space

    assert (space["num_epochs"]["min"], space["num_epochs"]["max"]) == (low, high)
