"""Python files as people have them: where the space is found, whose functions are read, and what is never guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import Imported, InvalidImport

LR = {"type": "loguniform", "min": 0.0001, "max": 0.1}
RAY = "from ray import tune\n"


def imported(text: str) -> Imported:
    """With all suggestions taken."""
    return import_definition(text, names=import_definition(text).suggestions)


def refusals(text: str) -> dict[str, str]:
    return {note.path: note.message for note in imported(text).refused}


def error(text: str, **more: Any) -> str:
    with pytest.raises(InvalidImport) as refused:
        import_definition(text, **more)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "space = {'lr': tune.loguniform(1e-4, 1e-1)}",
        "space: dict = dict(lr=tune.loguniform(1e-4, 1e-1))",
        "tune.run(train, config={'lr': tune.loguniform(1e-4, 1e-1)}, num_samples=5)",
        "Tuner(train, param_space=dict(lr=tune.loguniform(1e-4, 1e-1))).fit()",
        "def hp_space(trial):\n    return {'lr': tune.loguniform(1e-4, 1e-1)}",
        "class Space:\n    def get(self):\n        return {'lr': tune.loguniform(1e-4, 1e-1)}",
        "if __name__ == '__main__':\n    with go():\n        run({'lr': tune.loguniform(1e-4, 1e-1)})",
        "defaults = {'lr': 0.1}\nnames = ['lr']\nspace = {'lr': tune.loguniform(1e-4, 1e-1)}",
        "LOW, HIGH = 1e-4, 1e-1\nspace = {'lr': tune.loguniform(LOW, HIGH)}",
        "rate = tune.loguniform(1e-4, 1e-1)\nspace = {'lr': rate}",
        "space = dict({}, lr=tune.loguniform(1e-4, 1e-1))",
        "def f():\n    base = {}\n    return {**base, **dict(lr=tune.loguniform(1e-4, 1e-1))}",
        "space = {}\nspace['lr'] = tune.loguniform(1e-4, 1e-1)",
        "hp_space=lambda trial: {'lr': trial.suggest_float('lr', 1e-4, 1e-1, log=True)}",
        "def objective(trial):\n    train(lr=trial.suggest_loguniform('lr', 1e-4, 1e-1))",
        "trial = study.ask()\nlr = trial.suggest_float(name='lr', low=1e-4, high=1e-1, log=True)",
        "def a(t):\n    return t.suggest_float('lr', 1e-4, 1e-1, log=True)\ndef objective(t):\n    train(a(t))",
        "study = search({'lr': optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True)})",
        "search = RandomizedSearchCV(model, {'model__lr': scipy.stats.loguniform(1e-4, 1e-1)})",
        "wandb.sweep({'parameters': {'lr': {'distribution': 'log_uniform_values', 'min': 1e-4, 'max': 1e-1}}})",
        "import math\nsweep = {'parameters': {'lr': {'distribution': 'log_uniform', "
        "'min': math.log(1e-4), 'max': math.log(1e-1)}}}",
        "sweep = dict(method='random')\nsweep['parameters'] = dict(lr=dict("
        "distribution='log_uniform', min=np.log(1e-4), max=-np.log(10)))",
        "client.create_experiment(name='x', parameters=[{'name': 'lr', 'type': 'range', 'bounds': [1e-4, 1e-1], "
        "'log_scale': True}])",
    ],
)
def test_space_is_found_wherever_it_is_written_out(text: str) -> None:
    assert imported(text).space == {"learning_rate": LR}


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from ray import tune", "tune.uniform"),
        ("from ray import tune as t", "t.uniform"),
        ("import ray", "ray.tune.uniform"),
        ("import ray.tune", "ray.tune.uniform"),
        ("import ray.tune as rt", "rt.uniform"),
        ("from ray.tune import uniform", "uniform"),
        ("from ray.tune import uniform as u", "u"),
        ("from ray.tune import *", "uniform"),
        ("", "tune.uniform"),
    ],
)
def test_functions_of_ray_are_read_by_every_name_that_a_file_gives_them(imports: str, call: str) -> None:
    space = imported(f"{imports}\nspace = {{'weight_decay': {call}(0.1, 0.4)}}").space

    assert space == {"weight_decay": {"type": "uniform", "min": 0.1, "max": 0.4}}


@pytest.mark.parametrize(
    ("imports", "call", "why"),
    [
        ("import numpy as np", "np.random.uniform", "draws a single value when Python runs it"),
        ("from numpy import random as tune", "tune.uniform", "draws a single value"),
        ("from numpy.random import uniform", "uniform", "draws a single value"),
        ("import random", "random.uniform", "draws a single value"),
        ("from random import uniform as u", "u", "draws a single value"),
        ("", "np.random.uniform", "draws a single value"),
        ("from scipy.stats import uniform", "uniform", "a distribution of scipy"),
        ("from scipy import stats as tune", "tune.uniform", "a distribution of scipy"),
        ("from . import tune as t", "t.uniform", "no code is run here"),
        ("uniform = make()", "uniform", "no code is run here"),
        ("def uniform(low, high): ...", "uniform", "no code is run here"),
        ("", "uniform", "no code is run here"),
        ("from hyperopt import hp", "hp.uniform", "no code is run here"),
    ],
)
def test_functions_of_other_modules_are_never_read_as_those_of_ray(imports: str, call: str, why: str) -> None:
    text = f"import ray.tune\n{imports}\nspace = {{'weight_decay': {call}(0.1, 0.4), 'seed': ray.tune.choice([1])}}"

    assert why in refusals(text)["weight_decay"]
    assert list(imported(text).space) == ["seed"]


@pytest.mark.parametrize(
    ("imports", "call", "definition"),
    [
        ("from scipy.stats import uniform", "uniform(0.1, 0.4)", {"type": "uniform", "min": 0.1, "max": 0.5}),
        ("", "scipy.stats.uniform(loc=0.1, scale=0.2)", {"type": "uniform", "min": 0.1, "max": 0.3}),
        ("import scipy.stats as s", "s.uniform()", {"type": "uniform", "min": 0.0, "max": 1.0}),
        ("", "stats.reciprocal(0.1, 0.4)", {"type": "loguniform", "min": 0.1, "max": 0.4}),
        (
            "from sklearn.utils.fixes import loguniform",
            "loguniform(0.1, 1)",
            {"type": "loguniform", "min": 0.1, "max": 1.0},
        ),
    ],
)
def test_distributions_of_scipy_have_the_bounds_that_scipy_gives_them(imports: str, call: str, definition: Any) -> None:
    text = f"{imports}\ngrid = {{'weight_decay': {call}, 'seed': [1, 2]}}"

    assert imported(text).space["weight_decay"] == definition


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[2 ** 3, 2 ** 4]", [8, 16]),
        ("list(range(8, 25, 8))", [8, 16, 24]),
        ("range(1, 4)", [1, 2, 3]),
        ("(4, 8)", [4, 8]),
        ("[int(1e1), int(2e1)]", [10, 20]),
        ("SIZES", [8, 16]),
    ],
)
def test_plain_arithmetic_and_names_are_read(expression: str, value: Any) -> None:
    assert imported(f"SIZES = [8, 16]\nspace = {{'batch_size': tune.choice({expression})}}").space == {
        "batch_size": {"type": "choice", "values": value}
    }


@pytest.mark.parametrize(
    ("before", "expression"),
    [
        ("", "[2 ** i for i in range(3)]"),
        ("", "sizes()"),
        ("", "[*SIZES, 4]"),
        ("", "SIZES"),
        ("SIZES = [8]\nSIZES = [16]\n", "SIZES"),
        ("SIZES = [8]\nSIZES.append(16)\n", "SIZES"),
        ("SIZES = [8]\nSIZES += [16]\n", "SIZES"),
        ("for SIZES in ([8], [16]): print(SIZES)\n", "SIZES"),
        ("SIZES = [8]\ndef f():\n    SIZES.append(16)\n", "SIZES"),
        ("SIZES = [8]\ndef f():\n    global SIZES\n    SIZES = [16]\n", "SIZES"),
        ("if fast:\n    SIZES = [8]\n", "SIZES"),
        ("class Sizes:\n    SIZES = [8]\n", "SIZES"),
        ("", "range(10 ** 6)"),
        ("", "np.linspace(1, 2, 3)"),
    ],
)
def test_what_would_have_to_be_run_is_refused_with_its_own_words(before: str, expression: str) -> None:
    text = f"{before}space = {{'seed': tune.choice([1]), 'batch_size': tune.choice({expression})}}"

    assert expression in refusals(text)["batch_size"]
    assert [note.source for note in imported(text).refused] == [f"tune.choice({expression})"]


def test_statements_that_are_not_read_are_quoted_by_their_first_lines() -> None:
    text = "space = {'seed': tune.choice([1])}\ndef train(config):\n    pass\n\ntune.run(train, config=space)"

    assert imported(text).report[-1].source == "def train(config): ...\ntune.run(train, config=space)"


def test_members_that_are_added_under_a_condition_are_not_read() -> None:
    text = "space = {'seed': tune.choice([1])}\nif fast:\n    space['batch_size'] = tune.choice([8])"

    assert list(imported(text).space) == ["seed"]
    assert "if fast:" in imported(text).report[-2].source


SCOPES = """
SIZES = [8]

def other(SIZES):
    from scipy.stats import uniform
    tune = uniform(0.1, 0.4)

class Sizes:
    SIZES = [32]

    def space(self):
        from ray.tune import choice, uniform
        return {"weight_decay": uniform(0.1, 0.4), "batch_size": choice(SIZES)}
"""


@pytest.mark.parametrize("space", ["{**base(), 'seed': tune.choice([1])}", "dict(base(), seed=tune.choice([1]))"])
def test_members_of_an_object_that_python_makes_are_reported(space: str) -> None:
    text = f"space = {space}"

    assert list(imported(text).space) == ["seed"]
    assert list(refusals(text)) == ["**base()"]


def test_names_mean_what_they_mean_where_they_are_used() -> None:
    assert imported(SCOPES).space == {
        "weight_decay": {"type": "uniform", "min": 0.1, "max": 0.4},
        "batch_size": {"type": "constant", "value": 8},
    }


def test_name_that_is_imported_from_two_modules_is_read_as_neither() -> None:
    text = "try:\n    from ray.tune import uniform\nexcept ImportError:\n    from numpy.random import uniform\n"

    found = refusals(f"{text}space = {{'seed': tune.choice([1]), 'weight_decay': uniform(0.1, 0.4)}}")

    assert list(found) == ["weight_decay"]


def test_names_that_stand_for_each_other_without_end_are_refused() -> None:
    assert "b" in refusals("a = b\nb = a\nspace = {'seed': tune.choice([1]), 'batch_size': a}")["batch_size"]


def test_names_that_stand_for_names_many_times_over_are_refused_in_little_time() -> None:
    lines = ["a0 = [1]", *(f"a{n} = [a{n - 1}, a{n - 1}, a{n - 1}]" for n in range(1, 40)), "s = {'lr': a39}"]

    assert "Contains more than" in error("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("s = {'parameters': {\n'lr': {'value': 1},\n'lr': {'value': 2}}}", 3),
        ("space = {'lr': tune.uniform(0, 1), 'bs': 1,\n'lr': tune.uniform(0, 2)}", 2),
        ("space = dict(lr=tune.uniform(0, 1),\n\nlr=tune.uniform(0, 2))", 3),
        ("tune.run(train, config={'a': {'lr': tune.uniform(0, 1),\n'lr': 2}})", 2),
    ],
)
def test_key_that_appears_twice_in_python_is_refused_with_its_line(text: str, line: int) -> None:
    assert f"Line {line}: the key 'lr' appears twice." in error(text)


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nprint(sys.argv)",
        "def train(config):\n    return config['lr']",
        "space = [Real(1e-5, 1e-2, name='lr')]\nrun(space)",
        "x = 1",
        "problem = study.root.add_float_param('lr', 0.1, 0.2)",
    ],
)
def test_python_without_a_space_is_called_what_it_is(text: str) -> None:
    assert "Is Python, but no search space is written out in it." in error(text)


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nspace = {'lr': [1, }\n",
        "import sys\nprint 'x'\n",
        "from ray import tune\ndef f(:\n",
        "x = 1\ny = (2\n",
    ],
)
def test_python_that_cannot_be_parsed_is_named_with_its_line(text: str) -> None:
    assert "Looks like Python, which cannot be parsed: line 2: " in error(text)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("space = {'lr': loguniform(1e-4, 1e-1)}", "loguniform, which no tool here has. Keep the import"),
        (
            "from hyperopt import hp\nspace = {'lr': hp.uniform('lr', 0, 1)}",
            "hyperopt.hp.uniform, which no tool here has",
        ),
        ("{'lr': Real(1e-4, 1e-1)}", "Real, which"),
    ],
)
def test_functions_of_no_tool_are_named(text: str, function: str) -> None:
    assert function in error(text)


@pytest.mark.parametrize("doubtful", ["x = 1if y else 2", "x = '\\d'", "x = 0xfor y in z"])
def test_no_warning_is_given_for_what_a_file_contains(doubtful: str, recwarn: pytest.WarningsRecorder) -> None:
    import_definition(f"space = {{'seed': tune.choice([1])}}\n{doubtful}")

    assert not recwarn.list


def test_second_space_is_reported_with_its_line() -> None:
    text = f"{RAY}a = {{'seed': tune.choice([1])}}\n\nb = {{'batch_size': tune.choice([8])}}"

    note = imported(text).report[-1]

    assert (note.level, note.source) == ("lossy", "{'batch_size': tune.choice([8])}")
    assert "another search space begins in line 4" in note.message


def test_arguments_beside_the_space_are_reported() -> None:
    text = "client.create_experiment(parameters=[{'name': 'seed', 'type': 'fixed', 'value': 1}], objective='loss')"

    assert imported(text).report[-1].source == text


def test_tool_that_is_named_chooses_its_own_space() -> None:
    text = "grid = {'seed': [1, 2]}\nspace = {'batch_size': tune.choice([8])}"

    assert list(import_definition(text, tool="lists").space) == ["seed"]
    assert list(import_definition(text).space) == ["batch_size"]


@pytest.mark.parametrize("joined", [True, False])
def test_code_of_a_notebook_is_read_as_one_file(joined: bool) -> None:
    cells = [
        "%%bash\nfor x in 1; do :; done",
        "%matplotlib inline\nif True:\n  !pip install \\\n    ray\nfrom ray.tune import uniform as u",
        "space = {\n'weight_decay': u(0, 1)\n}",
    ]
    notebook = {
        "nbformat": 4,
        "cells": [{"cell_type": "markdown", "source": "space = {'lr': u(1, 2)}"}]
        + [{"cell_type": "code", "source": cell if joined else cell.splitlines(keepends=True)} for cell in cells],
    }

    assert imported(json.dumps(notebook)).space == {"weight_decay": {"type": "uniform", "min": 0.0, "max": 1.0}}


def test_notebook_without_a_space_is_called_what_it_is() -> None:
    assert "Is Python, but" in error(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "f(1)"}]}))
