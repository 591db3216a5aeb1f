"""Base models that were promoted: found by their id, and only as they were promoted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tunix.pipeline import stamps
from tunix.pipeline.models import recorded_files
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelError, UnknownBaseModel
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.pipeline.models.promoted import hashes_of, model_dir, promoted_id
from tunix.pipeline.models.recorded_files import content_hash_of, hash_of
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.tests.making import make_promoted


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of `promoted/mine@1`."""
    return model_dir(tmp_path, make_promoted(tmp_path))


def test_an_id_of_a_built_in_model_is_looked_up(tmp_path: Path) -> None:
    assert resolve_base_model("tiny-gemma3", tmp_path) is BASE_MODELS["tiny-gemma3"]


def test_a_promoted_model_has_its_sizes_and_its_hash_from_its_folder(model: Path, tmp_path: Path) -> None:
    info = resolve_base_model("promoted/mine@1", tmp_path)
    assert (info.family, info.source, info.folder) == ("gemma3", "promoted", model)
    assert info.architecture == BASE_MODELS["tiny-gemma3"].sizes
    assert info.content_hash == content_hash_of(hashes_of(model))


@pytest.mark.parametrize(
    "base_model_id",
    ["promoted/mine", "promoted/mine@0", "promoted/../x@1", "promoted/Mine@1", "promoted/a/b@1", "promoted/mine@1\n"],
)
def test_what_is_no_id_leads_to_no_folder(base_model_id: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownBaseModel, match="promoted/<name>@<version>"):
        model_dir(tmp_path, base_model_id)


def test_ids_and_folders_go_together(tmp_path: Path) -> None:
    assert model_dir(tmp_path, promoted_id("a_b-c", 12)) == tmp_path / "models" / "a_b-c" / "12"


def test_a_folder_that_is_gone_is_said(model: Path, tmp_path: Path) -> None:
    shutil.rmtree(model)
    with pytest.raises(BaseModelError, match="has lost its folder"):
        resolve_base_model("promoted/mine@1", tmp_path)


@pytest.mark.parametrize("name", ["weights.safetensors", "tokenizer.json", "config.json", "lineage.json"])
def test_a_file_that_is_gone_is_named(model: Path, tmp_path: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(BaseModelError, match=f"has lost its {name}"):
        resolve_base_model("promoted/mine@1", tmp_path)


@pytest.mark.parametrize("name", ["weights.safetensors", "tokenizer.json", "config.json"])
def test_a_file_that_changed_is_named(model: Path, tmp_path: Path, name: str) -> None:
    with (model / name).open("a") as file:
        file.write(" ")
    with pytest.raises(BaseModelError, match=f"was changed since it was promoted: {name}"):
        resolve_base_model("promoted/mine@1", tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"files": {}}', '{"files": null}'])
def test_a_lineage_that_says_nothing_is_damage(model: Path, tmp_path: Path, content: str) -> None:
    (model / "lineage.json").write_text(content)
    with pytest.raises(BaseModelError, match="is damaged"):
        resolve_base_model("promoted/mine@1", tmp_path)


def test_a_configuration_of_another_format_is_damage(model: Path, tmp_path: Path) -> None:
    config = json.loads((model / "config.json").read_text()) | {"format": 2}
    (model / "config.json").write_text(json.dumps(config))
    (model / "lineage.json").write_text(json.dumps({"files": hashes_of(model)}))
    with pytest.raises(BaseModelError, match="unknown format"):
        resolve_base_model("promoted/mine@1", tmp_path)


@pytest.fixture
def of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of `promoted/chat@1`, which was promoted from a model in a folder."""
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    folder = make_folder(model_dir(tmp_path, "promoted/chat@1"), num_hidden_layers=1)
    files = {name: hash_of(folder, name) for name in inspect_folder(folder).hashed_files}
    lineage = {"files": files, "family": "llama3", "parameters": 9, "ancestors": [{"base_model_id": "mine"}]}
    (folder / "lineage.json").write_text(json.dumps(lineage))
    return folder


def test_each_file_is_hashed_once_in_a_process(
    of_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(recorded_files, "hash_of", lambda folder, name: hashed.append(name) or hash_of(folder, name))

    for _ in range(3):
        assert resolve_base_model("promoted/chat@1", tmp_path).is_folder

    assert sorted(hashed) == sorted(inspect_folder(of_folder).hashed_files)


def test_a_file_that_was_put_beside_the_model_is_named(of_folder: Path, tmp_path: Path) -> None:
    (of_folder / "chat_template.jinja").write_text("{{ messages }}")

    with pytest.raises(BaseModelError, match=r"was changed since it was promoted: chat_template\.jinja"):
        resolve_base_model("promoted/chat@1", tmp_path)
