"""`manage.py add_model` adds a folder, reads it and prints what its smoke test found."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.pipeline import stamps
from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.runs.base_models import addition
from tunix.runs.base_models.tests.added import PASSED
from tunix.runs.models import BaseModel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("artifacts_dir")]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    monkeypatch.setattr(addition, "run_smoke_test", lambda folder: dict(PASSED))


def output_of(folder: Path, *arguments: Any) -> str:
    out = StringIO()
    call_command("add_model", str(folder), "--id", "mine", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_what_was_added_is_printed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "checkpoint", num_hidden_layers=1)
    lines = output_of(folder, "--license", "MIT").splitlines()
    assert lines[0].startswith("mine: llama3, ")
    assert lines[1:] == [
        f"  {folder}",
        f"  hash {BaseModel.objects.get(base_model_id='mine').content_hash}",
        "  3.25 nats per token of plain English",
        "  The capital of France is Paris.",
    ]


def test_json_is_one_object(tmp_path: Path) -> None:
    printed = json.loads(output_of(make_folder(tmp_path / "checkpoint", num_hidden_layers=1), "--copy", "--json"))
    assert (printed["base_model_id"], printed["smoke_test"]) == ("mine", PASSED)
    assert Path(printed["folder"]).parts[-3:] == ("base_models", "mine", "files")


def test_every_fault_is_printed_and_nothing_is_added(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "checkpoint", num_hidden_layers=1)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(CommandError, match=r"1 fault\.\n  tokenizer\.json: The file is missing"):
        output_of(folder)
    assert not BaseModel.objects.filter(base_model_id="mine").exists()


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such folder"):
        output_of(tmp_path / "nothing")


def test_a_failed_smoke_test_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addition, "run_smoke_test", lambda folder: {"error": "It does not speak."})
    folder = make_folder(tmp_path / "checkpoint", num_hidden_layers=1)
    assert "The smoke test failed: It does not speak." in output_of(folder)


@pytest.mark.parametrize("arguments", [(), ("--copy",)])
def test_ctrl_c_while_files_are_read_leaves_nothing(
    tmp_path: Path, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    interrupt(monkeypatch, "source_of")
    folder = make_folder(tmp_path / "checkpoint", num_hidden_layers=1)

    with pytest.raises(CommandError, match="Interrupted: the model was not added") as caught:
        output_of(folder, *arguments)

    assert caught.value.returncode == 130
    assert not BaseModel.objects.filter(base_model_id="mine").exists()
    assert folder.is_dir()


def test_ctrl_c_in_the_smoke_test_keeps_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, "run_smoke_test")

    with pytest.raises(CommandError, match=r"mine was added\. The smoke test was interrupted"):
        output_of(make_folder(tmp_path / "checkpoint", num_hidden_layers=1))

    model = BaseModel.objects.get(base_model_id="mine")
    assert (model.smoke_test_status, model.is_being_added) == ("failed", False)


@pytest.mark.parametrize("arguments", [(), ("--copy",)])
def test_an_addition_that_was_killed_is_continued(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = make_folder(tmp_path / "checkpoint", num_hidden_layers=1)
    addition.add_model(base_model_id="mine", folder=folder, copy=bool(arguments), actor=None)

    assert output_of(folder, *arguments).startswith("mine: llama3")


def interrupt(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def press(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(addition, step, press)
