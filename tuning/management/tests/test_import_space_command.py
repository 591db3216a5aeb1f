"""manage.py import_space"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

SWEEP = "parameters:\n  lr: {min: 1e-4, max: 1e-1}\n  seed: {values: [1, 2]}\n"


@pytest.fixture
def sweep(tmp_path: Path) -> str:
    file = tmp_path / "sweep.yaml"
    file.write_text(SWEEP)
    return str(file)


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("import_space", *args, stdout=out)
    return out.getvalue()


def as_json(*args: str) -> Any:
    return json.loads(run(*args, "--json"))


def test_it_prints_the_space_the_report_and_the_suggestions(sweep: str) -> None:
    printed = run(sweep)

    assert '"seed"' in printed
    assert "there is no hyperparameter named lr" in " ".join(printed.replace("│", " ").split())
    assert "--name lr=learning_rate" in printed


def test_names_are_applied(sweep: str) -> None:
    assert list(as_json(sweep, "--name", "lr=learning_rate")["search_space_json"]) == ["learning_rate", "seed"]


def test_all_suggestions_can_be_taken(sweep: str) -> None:
    assert as_json(sweep, "--suggested")["names"] == {"lr": "learning_rate"}


def test_a_name_that_stands_twice_is_refused(sweep: str) -> None:
    with pytest.raises(CommandError, match="Give --name lr once"):
        run(sweep, "--name", "lr=learning_rate", "--name", "lr=batch_size")


def test_a_refusal_is_an_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    file.write_text('{"parameters": {"beta1": {"distribution": "beta"}}}')

    with pytest.raises(SystemExit) as ended:
        run(str(file))

    assert ended.value.code == 1


@pytest.mark.parametrize("args", [["--name", "lr"], ["--name", "rl=learning_rate"], ["--tool", "katib"]])
def test_a_mistake_is_told(sweep: str, args: list[str]) -> None:
    with pytest.raises(CommandError):
        run(sweep, *args)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path / "none.yaml"))
