"""Makes checked folders of a tiny model with the tokenizer of `chat_cases.py` and a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import Row, row_from_json
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import make_folder, write_json

from .chat_cases import BOS, EOS, tiny_tokenizer

VOCABULARY = 440
"""More than the tokenizer has, as in folders of Qwen."""


def make_model(
    folder: Path, template: str | None, tokenizer: Tokenizer | None = None, vocabulary: int = VOCABULARY, **config: Any
) -> PretrainedModel:
    """A folder with a chat template, or None. `config` is added to tokenizer_config.json."""
    tokenizer = tokenizer or tiny_tokenizer()
    make_folder(folder, vocab_size=vocabulary, eos_token_id=tokenizer.token_to_id(EOS))
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"bos_token": BOS, "eos_token": EOS, "pad_token": EOS}
    write_json(folder / "tokenizer_config.json", {**special, "chat_template": template, **config})
    return inspect_folder(folder)


def row_of(*turns: tuple[str, str], **more: Any) -> Row:
    """A conversation of pairs of role and content."""
    return row_from_json({"messages": [{"role": role, "content": content} for role, content in turns], **more})


def trained_texts(tokenizer: FolderTokenizer, row: TokenizedRow) -> list[str]:
    """The text of each trained span, with its special tokens."""
    return [text_of(tokenizer, row.tokens[start:stop]) for start, stop in row.trained]


def text_of(tokenizer: FolderTokenizer, ids: list[int]) -> str:
    """The text of ids, with special tokens."""
    return tokenizer._vocabulary._tokenizer.decode(ids, skip_special_tokens=False)
