"""A run that started from a folder is promoted to an ordinary folder, from which runs can start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tunix.api.exceptions import Conflict
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.base_models import export_checks
from tunix.runs.base_models.export_checks import check_promoted
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.methods import is_from_folder
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.tests.folder_runs import make_folder_run

from .test_export_run import CHECK, SENTENCES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smoke_test")]


def promoted(run: TunixRun) -> BaseModel:
    return promote_single_run(run=run, data={"name": "sums", "unconfirmed": True}, actor=None)


@pytest.fixture
def model(tmp_path: Path) -> BaseModel:
    return promoted(make_folder_run(tmp_path / "base"))


def test_the_folder_is_a_merged_model_with_the_adapter_beside_it(model: BaseModel) -> None:
    folder = model.folder()
    assert folder is not None
    found = inspect_folder(folder)

    assert (model.family, model.parameters) == ("llama3", found.parameters)
    assert model.content_hash == found.content_hash
    assert model.license == "apache-2.0 (README.md)"
    assert "folder" not in model.details_json  # it was still under its temporary name
    assert (folder / "adapter" / "adapter_config.json").is_file()
    for card in (folder / "README.md", folder / "adapter" / "README.md"):
        assert "## Prompt" in card.read_text()


def test_runs_can_start_from_it(model: BaseModel) -> None:
    info = resolve_base_model(model.base_model_id, settings.ARTIFACTS_DIR)

    assert info.is_folder and is_from_folder(model)
    assert (info.folder, info.content_hash, info.family) == (model.folder(), model.content_hash, "llama3")


def test_a_changed_file_is_noticed(model: BaseModel) -> None:
    folder = model.folder()
    assert folder is not None
    (folder / "tokenizer.json").write_text("{}")

    with pytest.raises(BaseModelError, match=r"was changed since it was promoted: tokenizer\.json"):
        resolve_base_model(model.base_model_id, settings.ARTIFACTS_DIR)


def test_a_full_run_has_no_adapter(tmp_path: Path) -> None:
    model = promoted(make_folder_run(tmp_path / "base", full=True))

    folder = model.folder()
    assert folder is not None and not (folder / "adapter").exists()


def test_a_changed_checkpoint_is_refused(tmp_path: Path) -> None:
    run = make_folder_run(tmp_path / "base")
    with (run.work_dir() / "checkpoint" / "adapters.safetensors").open("ab") as file:
        file.write(b"more")

    with pytest.raises(Conflict, match=r"checkpoint was changed: checkpoint/adapters\.safetensors"):
        promoted(run)
    assert not (settings.ARTIFACTS_DIR / "models" / "sums").exists()


def test_the_page_shows_how_to_serve_it(model: BaseModel, web: Client) -> None:
    page = web.get(model.get_absolute_url()).content.decode()

    assert f"vllm serve {model.folder()}" in page
    assert f"--enable-lora --lora-modules sums={model.folder()}/adapter" in page
    assert "has not been compared with the run" in page


def test_the_card_states_the_gap_once_a_worker_has_compared(model: BaseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_checks, "run_json_process", lambda *args, **options: dict(CHECK))

    check_promoted(model)

    folder = model.folder()
    assert folder is not None
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n") and SENTENCES in card
    lineage = json.loads((folder / "lineage.json").read_text())
    assert lineage["export"] == CHECK == BaseModel.objects.get(pk=model.pk).lineage_json["export"]
    assert resolve_base_model(model.base_model_id, settings.ARTIFACTS_DIR).content_hash == model.content_hash


def test_the_comparison_is_a_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(export_checks, "publish", lambda name, *args: sent.append((name, [*args])))
    run = make_folder_run(tmp_path / "base")

    with django_capture_on_commit_callbacks(execute=True):
        model = promoted(run)

    assert ("tunix.runs.check_export", [model.pk]) in sent
