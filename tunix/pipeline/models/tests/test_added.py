"""Base models that were added as folders: found by their id, and read again only where a file has changed."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline import stamps
from tunix.pipeline.models import added, recorded_files
from tunix.pipeline.models.added import SOURCE, added_dir, added_names, source_of, write_source
from tunix.pipeline.models.base_models import BaseModelError, UnknownBaseModel
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import change_json, make_folder
from tunix.pipeline.models.resolving import resolve_base_model


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the added model `mine`."""
    folder = make_folder(tmp_path / "checkpoint")
    write_source(tmp_path, source_of(tmp_path, "mine", inspect_folder(folder)))
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is hashed."""
    counts: Counter[str] = Counter()
    real = recorded_files.hash_of

    def count(folder: Path, name: str) -> Any:
        counts[name] += 1
        return real(folder, name)

    monkeypatch.setattr(recorded_files, "hash_of", count)
    return counts


def test_an_added_model_has_the_hash_that_inspection_finds(folder: Path, tmp_path: Path) -> None:
    info = resolve_base_model("mine", tmp_path)
    inspected = inspect_folder(folder)
    assert (info.source, info.folder, info.family) == ("added", folder, "llama3")
    assert (info.content_hash, info.parameters) == (inspected.content_hash, inspected.parameters)
    assert info.architecture is None


def test_an_added_model_has_no_sizes_of_ours(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match="has its sizes in its folder"):
        _ = resolve_base_model("mine", tmp_path).sizes


def test_unchanged_files_are_not_read(folder: Path, tmp_path: Path, hashed: Counter[str]) -> None:
    resolve_base_model("mine", tmp_path)
    assert not hashed


def test_a_touched_file_is_read_once(folder: Path, tmp_path: Path, hashed: Counter[str]) -> None:
    os.utime(folder / "config.json", (1, 1))
    for _ in range(2):
        resolve_base_model("mine", tmp_path)
    assert hashed == {"config.json": 1}


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_changed_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BaseModelError, match=f"was changed since it was added: {name} in .*Restore the files"):
        resolve_base_model("mine", tmp_path)


def test_a_chat_template_that_appears_is_a_change(folder: Path, tmp_path: Path) -> None:
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    with pytest.raises(BaseModelError, match=r"was changed since it was added: chat_template\.jinja"):
        resolve_base_model("mine", tmp_path)


def test_a_file_that_decides_nothing_may_change(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").write_text("Read me.")
    (folder / "model.safetensors.index.json").write_text("{}")  # not read beside a single file
    assert resolve_base_model("mine", tmp_path).folder == folder


def test_a_file_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BaseModelError, match=r"has lost tokenizer\.json"):
        resolve_base_model("mine", tmp_path)


def test_a_folder_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder)
    with pytest.raises(BaseModelError, match=f"The folder of base model 'mine' is missing: {folder}"):
        resolve_base_model("mine", tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2}', '{"format": 1, "folder": 3}'])
def test_a_damaged_source_is_an_error_with_its_name(folder: Path, tmp_path: Path, content: str) -> None:
    (added_dir(tmp_path, "mine") / SOURCE).write_text(content)
    with pytest.raises(BaseModelError, match=f"'mine' is damaged: {SOURCE}"):
        resolve_base_model("mine", tmp_path)


def test_an_unknown_id_names_the_nearest_added_one(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownBaseModel, match="Did you mean 'mine'"):
        resolve_base_model("minn", tmp_path)


def test_an_id_with_a_path_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    assert added_names(tmp_path) == ["mine"]
    with pytest.raises(UnknownBaseModel):
        resolve_base_model("../base_models/mine", tmp_path)


def test_fresh_files_are_hashed_only_once_their_stamps_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", 1000)
    monkeypatch.setattr(added.time, "sleep", waited.append)
    write_source(tmp_path, source_of(tmp_path, "mine", inspect_folder(make_folder(tmp_path / "checkpoint"))))
    assert 900 < waited[0] <= 1000


def test_the_stamp_leaves_out_the_device(folder: Path, tmp_path: Path) -> None:
    source = json.loads((added_dir(tmp_path, "mine") / SOURCE).read_text())
    stamp = stamps.stamp_of(folder / "config.json")
    assert source["files"]["config.json"]["stamp"] == list(stamp[1:])


def test_other_sizes_are_another_hash(folder: Path, tmp_path: Path) -> None:
    before = inspect_folder(folder).content_hash
    change_json(folder / "config.json", rms_norm_eps=1e-5)
    assert write_source(tmp_path, source_of(tmp_path, "mine", inspect_folder(folder))) != before
