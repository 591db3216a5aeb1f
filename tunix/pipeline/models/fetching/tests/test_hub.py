"""What is fetched from a repository of a hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.utils import filter_repo_objects

from tunix.pipeline.models.fetching.hub import fetch_repository

FILES = [
    *("config.json", "model-00001-of-00002.safetensors", "chat_template.jinja", "README.md", "LICENSE.txt"),
    *("onnx/config.json", "original/model.safetensors", "LICENSES/LICENSE.json", "pytorch_model.bin", "model.gguf"),
]


def test_only_files_at_the_top_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    def download(repository: str, *, local_dir: Path, allow_patterns: Any, ignore_patterns: Any, **_: Any) -> None:
        """Chooses as the library does."""
        fetched.extend(filter_repo_objects(FILES, allow_patterns=allow_patterns, ignore_patterns=ignore_patterns))
        local_dir.mkdir()

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    fetch_repository("owner/name", "0" * 40, tmp_path / "folder", lambda text: None)

    assert fetched == FILES[:5]
