"""Definitions with some of their parts replaced, left out or renamed: each is refused, or gives what creates a job."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tuning.domain.importers.importing import TOOLS, import_definition
from tuning.domain.importers.reading import read_text
from tuning.domain.importers.report import InvalidImport
from tuning.domain.job_definition import JobDefinition

from .test_importers import DEFINITIONS, JOB

PIECES: list[Any] = [
    *(0, 1, -1, 3, 0.1, 1e-5, 1e308, 2**53, 2**60, 10_001, True, False, None, "", "x", "0.1", [], {}, [1, 1], [None]),
    *([0.1, "a"], {"a": 1}, ["sgd", "SGD"], "lr", "learning_rate", "num_steps", "grid", "cmaes", "nsga2", "eval_loss"),
]
NAMES = ("lr", "batch_size", "num_epochs", "num_steps", "optimizer", "x.y", "")


def paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(data, list | dict):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from paths(data[key], (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def spoil(data: Any, rng: random.Random) -> None:
    """Change one place of `data`."""
    places = list(paths(data))
    *above, key = rng.choice(places)
    parent = at(data, tuple(above))
    match rng.randrange(4):
        case 0:
            parent[key] = copy.deepcopy(rng.choice(PIECES))
        case 1:
            parent[key] = copy.deepcopy(at(data, rng.choice(places)))
        case 2 if isinstance(parent, dict):
            parent[rng.choice(NAMES)] = parent.pop(key)
        case _:
            del parent[key]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_spoiled_is_refused_or_creates_a_job(tool: str) -> None:
    rng = random.Random(tool)
    files = [path for path in DEFINITIONS if path.parent.name == tool and path.suffix != ".txt"]
    known = [read_text(path.read_text(), [TOOLS[tool].looks_like]).data for path in files]
    taken = 0
    for _ in range(60):
        data = copy.deepcopy(rng.choice(known))
        for _ in range(rng.randint(1, 3)):
            spoil(data, rng)
        try:
            imported = import_definition(data, names=import_definition(data).suggestions)
        except InvalidImport as refused:
            assert refused.errors
            continue
        if imported.space:
            space = {"search_space_json": imported.space, "constraints_json": imported.constraints}
            assert JobDefinition.parse(JOB | space | imported.job)
            taken += 1
    assert taken > 10


@pytest.mark.parametrize("value", [[1], {"a": 1}, [], "x" * 1001])
def test_a_condition_on_what_is_no_value_is_refused(value: Any) -> None:
    below = {"parentCategoricalValues": {"values": ["sgd", value]}, "parameterSpec": RATE}
    optimizer = {"parameterId": "optimizer", "categoricalValueSpec": {"values": ["sgd", "adam"]}}

    imported = import_definition({"parameters": [optimizer | {"conditionalParameterSpecs": [below]}]})

    assert list(imported.space) == ["optimizer"]
    assert imported.refused[0].message.startswith("Depends on a value that cannot be used here: Must ")


RATE = {"parameterId": "learning_rate", "doubleValueSpec": {"minValue": 0.1, "maxValue": 0.2}}
