"""Reads what a folder says of its tokenizer and chat template, without building the tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.headers import shown

TOKENIZER, TOKENIZER_CONFIG, TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"

_SAVE_AGAIN = "Save it with `AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)`, which writes this file."


@dataclass(frozen=True)
class TokenizerDescription:
    """`kind` is that of the `tokenizers` library, such as BPE. `tokens` counts the added ones too."""

    kind: str
    tokens: int
    highest_id: int


@dataclass(frozen=True)
class ChatTemplate:
    """The Jinja text of the template, and the file that it comes from."""

    text: str
    file: str


def read_tokenizer(folder: ModelFolder) -> TokenizerDescription | None:
    """The tokenizer in tokenizer.json; None, with a fault, if there is none that can be read."""
    data = folder.json(TOKENIZER)
    if data is None:
        if TOKENIZER not in folder.names:
            folder.faults.add(TOKENIZER, f"The file is missing. {_SAVE_AGAIN}")
        return None
    model = data.get("model")
    ids = _ids(model) if isinstance(model, Mapping) else []
    if not ids or not isinstance(model, Mapping):
        folder.faults.add(TOKENIZER, f"The file has no vocabulary of the tokenizers library. {_SAVE_AGAIN}")
        return None
    every = {*ids, *_added_ids(data.get("added_tokens"))}
    return TokenizerDescription(shown(str(model.get("type") or "BPE")), len(every), max(every))


def _ids(model: Mapping[str, Any]) -> list[int]:
    vocabulary = model.get("vocab")
    if isinstance(vocabulary, list):  # Unigram: pairs of token and score, in the order of their ids
        return list(range(len(vocabulary)))
    values = list(vocabulary.values()) if isinstance(vocabulary, Mapping) else []
    return values if all(type(value) is int and value >= 0 for value in values) else []


def _added_ids(added: object) -> list[int]:
    tokens = added if isinstance(added, list) else []
    return [token["id"] for token in tokens if isinstance(token, Mapping) and type(token.get("id")) is int]


def read_chat_template(folder: ModelFolder) -> ChatTemplate | None:
    """The chat template, looked for where transformers looks: its own file first, then tokenizer_config.json."""
    text = folder.text(TEMPLATE)
    if text and text.strip():
        return ChatTemplate(text, TEMPLATE)
    config = folder.json(TOKENIZER_CONFIG) or {}
    template = config.get("chat_template")
    if isinstance(template, list):  # several by name, of which `default` is used
        default = (item for item in template if isinstance(item, Mapping) and item.get("name") == "default")
        template = next(default, {}).get("template")
    if isinstance(template, str) and template.strip():
        return ChatTemplate(template, TOKENIZER_CONFIG)
    return None
