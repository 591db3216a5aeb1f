"""Real checkpoints give the ids that transformers gives, recorded by `record_chat_reference.py`.

`PRETRAINED_MODELS` names the folder with their folders. Skipped without it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.rows import row_from_json
from tunix.pipeline.models.pretrained.inspection import inspect_folder

from .chat_cases import CONVERSATIONS
from .making import text_of
from .record_chat_reference import REAL

MODELS: dict[str, Any] = json.loads(REAL.read_text())["models"]
WITHOUT_TOOLS = [name for name in CONVERSATIONS if "tool" not in name]


@pytest.mark.parametrize("name", MODELS)
def test_rows_of_a_real_checkpoint_have_the_ids_of_transformers(name: str) -> None:
    folder = Path(os.environ.get("PRETRAINED_MODELS", "")) / name
    if "PRETRAINED_MODELS" not in os.environ or not folder.is_dir():
        pytest.skip("PRETRAINED_MODELS does not name a folder with this model")
    tokenizer = FolderTokenizer(inspect_folder(folder))
    rows = [row_from_json(CONVERSATIONS[case]) for case in WITHOUT_TOOLS]
    for case, row, prompt in zip(WITHOUT_TOOLS, tokenizer.tokenized(rows), tokenizer.prompts(rows), strict=True):
        ids = MODELS[name][case]["ids"]
        assert row.tokens == ids[: len(row.tokens)]
        assert text_of(tokenizer, ids[len(row.tokens) :]).strip() == ""
        assert prompt == MODELS[name][case]["prompt"]
