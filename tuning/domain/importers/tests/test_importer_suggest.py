"""Calls of `trial.suggest_*` in Python: their conditions, their arguments, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition

from .test_importer_python import imported, refusals

CONDITIONS = """
def objective(trial):
    kind = trial.suggest_categorical("optimizer", ["adamw", "sgd", "lion"])
    clips = trial.suggest_categorical("clips", [True, False])
    if {test}:
        trial.suggest_float("beta1", 0.5, 0.9)
    else:
        trial.suggest_float("weight_decay", 0.1, 0.9)
"""


@pytest.mark.parametrize(
    ("test", "under", "otherwise"),
    [
        ("kind == 'sgd'", {"optimizer": ["sgd"]}, {"optimizer": ["adamw", "lion"]}),
        ("kind != 'sgd'", {"optimizer": ["adamw", "lion"]}, {"optimizer": ["sgd"]}),
        ("kind in ('sgd', 'lion')", {"optimizer": ["sgd", "lion"]}, {"optimizer": ["adamw"]}),
        ("not kind == 'lion'", {"optimizer": ["adamw", "sgd"]}, {"optimizer": ["lion"]}),
        ("kind == 'sgd' or kind == 'lion'", {"optimizer": ["sgd", "lion"]}, {"optimizer": ["adamw"]}),
        ("kind != 'sgd' and kind in ('sgd', 'lion')", {"optimizer": ["lion"]}, {"optimizer": ["sgd", "adamw"]}),
        ("kind not in ['lion']", {"optimizer": ["adamw", "sgd"]}, {"optimizer": ["lion"]}),
    ],
)
def test_conditions_on_a_suggested_choice_are_kept(test: str, under: Any, otherwise: Any) -> None:
    space = imported(CONDITIONS.replace("{test}", test)).space

    assert (space["beta1"]["when"], space["weight_decay"]["when"]) == (under, otherwise)


BRANCHES = """
def build(trial, kind):
    if {test}:
        {first}
        return A(trial.suggest_float("beta1", 0.5, 0.9))
    return B(trial.suggest_float("weight_decay", 0.1, 0.9))

def objective(trial):
    kind = trial.suggest_categorical("optimizer", ["adamw", "sgd"])
    {call}
"""


@pytest.mark.parametrize(
    ("test", "under", "otherwise"),
    [
        ("kind == 'sgd'", {"optimizer": ["sgd"]}, {"optimizer": ["adamw", "lion"]}),
        ("kind != 'sgd'", {"optimizer": ["adamw", "lion"]}, {"optimizer": ["sgd"]}),
    ],
)
def test_what_follows_a_return_exists_only_where_the_function_goes_on(test: str, under: Any, otherwise: Any) -> None:
    text = CONDITIONS.replace("    else:\n        trial", "        return 0.0\n    trial")

    space = imported(text.replace("{test}", test)).space

    assert (space["beta1"]["when"], space["weight_decay"]["when"]) == (under, otherwise)


@pytest.mark.parametrize("first", ["pass", "if other: return 1"])
def test_what_follows_a_return_under_another_condition_is_refused(first: str) -> None:
    text = BRANCHES.replace("{test}", "kind == 'sgd'").replace("{first}", first).replace("{call}", "build(trial, kind)")

    assert "kind == 'sgd'" in refusals(text)["weight_decay"]


def test_choice_that_is_a_test_itself_holds_where_it_is_true() -> None:
    text = CONDITIONS.replace("[True, False]", "[0, 1, 2]").replace('"clips"', '"seed"').replace("{test}", "clips")

    space = imported(text).space

    assert (space["beta1"]["when"], space["weight_decay"]["when"]) == ({"seed": [1, 2]}, {"seed": [0]})


@pytest.mark.parametrize(
    "body",
    [
        "one(trial)\n    one(trial)",
        "one(trial)\n    if kind == 'sgd':\n        one(trial)",
        "if kind == 'sgd':\n        one(trial)\n    else:\n        one(trial)",
    ],
)
def test_same_suggestion_may_be_made_several_times(body: str) -> None:
    one = "def one(trial):\n    return trial.suggest_float('beta1', 0.5, 0.9)\n"
    kind = "    kind = trial.suggest_categorical('optimizer', ['adamw', 'sgd'])\n"

    found = imported(f"{one}def objective(trial):\n{kind}    {body}\n")

    assert (list(found.space), found.refused) == (["optimizer", "beta1"], [])


@pytest.mark.parametrize("test", ["kind.startswith('s')", "len(sys.argv) > 1", "kind == other", "kind > 'a'", "fast"])
def test_parameters_under_other_conditions_are_refused_with_the_condition(test: str) -> None:
    found = refusals(CONDITIONS.replace("{test}", test))

    assert set(found) == {"beta1", "weight_decay"}
    assert test in found["beta1"]


@pytest.mark.parametrize(
    "expression",
    [
        "2 ** trial.suggest_int('seed', 3, 6)",
        "-trial.suggest_int('seed', 3, 6)",
        "int(trial.suggest_int('seed', 3, 6))",
        "np.exp(trial.suggest_int('seed', 3, 6))",
        "trial.suggest_int('seed', 3, 6) * 8 + 1",
    ],
)
def test_suggestion_of_which_another_value_is_computed_is_refused(expression: str) -> None:
    text = f"def objective(trial):\n    lr = trial.suggest_uniform('lr', 0.1, 0.2)\n    go({expression})"

    assert expression in refusals(text)["seed"]


@pytest.mark.parametrize(
    ("call", "definition"),
    [
        ("suggest_float('beta1', 0.1, 0.5)", {"type": "uniform", "min": 0.1, "max": 0.5}),
        ("suggest_float('beta1', 0.1, 0.5, step=0.2)", {"type": "quniform", "min": 0.1, "max": 0.5, "q": 0.2}),
        ("suggest_discrete_uniform('beta1', 0.1, 0.5, 0.2)", {"type": "quniform", "min": 0.1, "max": 0.5, "q": 0.2}),
        ("suggest_int('beta1', 2, 8, step=2)", {"type": "int", "min": 2, "max": 8, "step": 2}),
        ("suggest_int('beta1', 2, 8, 2)", {"type": "int", "min": 2, "max": 8, "step": 2}),
        ("suggest_int('beta1', low=1, high=8, log=True)", {"type": "logint", "min": 1, "max": 8}),
        ("suggest_categorical('beta1', choices=('a', None))", {"type": "choice", "values": ["a", None]}),
    ],
)
def test_calls_of_a_trial_are_read_with_their_arguments(call: str, definition: Any) -> None:
    text = f"def space(trial):\n    return trial.{call.replace('beta1', 'other')}"

    assert import_definition(text).unmapped[0].definition == definition


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("suggest_float('seed', 0.1, 0.5, log=args.log)", "args.log"),
        ("suggest_float('seed', 0.1, high=best())", "best()"),
        ("suggest_float('seed', 0.1, 0.5, step=0.1, log=True)", "not both"),
        ("suggest_float('seed', 0.1)", "high is missing"),
        ("suggest_int('seed', 1, 2, 1, True, 5)", "no attribute further arguments"),
        ("suggest_categorical('seed', choices=sizes)", "sizes"),
        ("suggest_float(*bounds)", "*bounds"),
        ("suggest_float(f'seed_{i}', 0.1, 0.5)", "Its name is computed"),
    ],
)
def test_calls_of_a_trial_that_cannot_be_read_are_refused_with_the_reason(call: str, why: str) -> None:
    [note] = import_definition(f"def space(trial):\n    return trial.{call}").refused

    assert why in note.message
