"""Definitions of the kinds that other tools' documentation shows, each with the space and the report it gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tuning.domain.importers.importing import TOOLS, detect, import_definition
from tuning.domain.importers.reading import read_text
from tuning.domain.job_definition import JobDefinition

FOLDER = Path(__file__).parent / "definitions"
DEFINITIONS = sorted(
    path for path in FOLDER.glob("*/*") if path.suffix != ".py" and not path.name.endswith(".expected.json")
)


JOB = {"name": "imported", "dataset_key": "arithmetic-v1", "base_model_id": "tiny-gemma3"}
SEED = {"seed": {"type": "choice", "values": [0, 1]}}


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", DEFINITIONS, ids=named)
def test_a_definition_gives_the_expected_space_and_report(path: Path) -> None:
    expected = path.with_name(f"{path.name.partition('.')[0]}.expected.json")

    assert import_definition(path.read_text()).to_json() == json.loads(expected.read_text())


@pytest.mark.parametrize("path", DEFINITIONS, ids=named)
def test_its_tool_is_told_by_its_shape_and_by_no_other(path: Path) -> None:
    def is_space(data: Any) -> bool:
        return any(module.looks_like(data) for module in TOOLS.values())

    data = read_text(path.read_text(), [is_space]).data

    assert detect(data) == path.parent.name
    assert [name for name, module in TOOLS.items() if module.looks_like(data)] == [path.parent.name]


@pytest.mark.parametrize("path", DEFINITIONS, ids=named)
def test_taking_all_suggestions_gives_a_valid_job(path: Path) -> None:
    text = path.read_text()

    imported = import_definition(text, names=import_definition(text).suggestions)

    assert not imported.suggestions
    space = {"search_space_json": imported.space or SEED, "constraints_json": imported.constraints}
    assert JobDefinition.parse(JOB | space | imported.job)


def test_there_are_at_least_thirty_of_all_tools() -> None:
    assert len(DEFINITIONS) >= 30
    assert {path.parent.name for path in DEFINITIONS} == set(TOOLS)
