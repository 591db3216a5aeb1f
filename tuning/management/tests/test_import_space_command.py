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


def test_a_name_that_appears_twice_is_refused(sweep: str) -> None:
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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.yaml", "there is no such file."),
        ("none/sweep.yaml", "there is no folder"),
        ("sweep.yaml/sweep.yaml", "sweep.yaml is a file, not a folder."),
        ("", "it is a folder, not a file."),
    ],
)
def test_file_that_cannot_be_read_is_named_with_the_reason(sweep: str, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(str(tmp_path / name))

    assert str(refused.value).startswith(f"{tmp_path / name} cannot be read: ")
    assert reason in str(refused.value)


def test_file_that_is_not_utf8_is_named_with_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_bytes(SWEEP.encode("utf-16"))

    with pytest.raises(CommandError, match=r"it is not UTF-8 text\. Save it as UTF-8\."):
        run(str(file))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("{lr: {value: 1}}", "Accept the suggested names by --suggested"),
        ("{layers: {value: 1}}", "Give names by --name THERE=HERE"),
        ("{seed: {values: []}}", "every parameter was refused"),
    ],
)
def test_import_that_leaves_no_parameter_ends_with_exit_code_1(tmp_path: Path, parameters: str, words: str) -> None:
    file, errors = tmp_path / "sweep.yaml", io.StringIO()
    file.write_text(f"parameters: {parameters}")

    with pytest.raises(SystemExit) as ended:
        call_command("import_space", str(file), stdout=io.StringIO(), stderr=errors)

    assert ended.value.code == 1
    assert "The search space is empty" in errors.getvalue()
    assert words in errors.getvalue()


def test_suggestions_work_where_several_names_mean_one_hyperparameter(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text("parameters: {base_lr: {value: 0.1}, --lr: {value: 0.2}, max_lr: {value: 0.3}}")

    assert as_json(str(file), "--suggested")["names"] == {"--lr": "learning_rate"}
