"""The special tokens of a folder's tokenizer: their names in templates, the ends of an answer, and padding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.tokenizer_files import TOKENIZER_CONFIG
from tunix.validation.errors import Faults

SPECIAL_TOKENS_MAP = "special_tokens_map.json"
NAMES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
"""The variables that transformers gives to a template."""

_FOR_PADDING = ("pad", "reserved", "unused")


def read_special_tokens(folder: Path) -> dict[str, str]:
    """The special tokens by their name, read where transformers reads them.

    The older special_tokens_map.json counts only if tokenizer_config.json does not list the added tokens.
    """
    files = ModelFolder(folder, Faults())
    config = files.json(TOKENIZER_CONFIG) or {}
    stated = config if "added_tokens_decoder" in config else {**config, **(files.json(SPECIAL_TOKENS_MAP) or {})}
    texts = {name: _text_of(stated.get(name)) for name in NAMES}
    return {name: text for name, text in texts.items() if text}


def _text_of(token: Any) -> str:
    text = token.get("content") if isinstance(token, Mapping) else token
    return text if isinstance(text, str) else ""


def declare_special(tokenizer: Tokenizer, special_tokens: Mapping[str, str]) -> None:
    """Makes the named tokens special, also where tokenizer.json has them as plain pieces, as transformers does."""
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    known = [text for text in special_tokens.values() if text not in added and tokenizer.token_to_id(text) is not None]
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in known])


def special_ids(tokenizer: Tokenizer) -> dict[int, str]:
    """The texts of the special tokens, by id."""
    added = tokenizer.get_added_tokens_decoder()
    return {number: added[number].content for number in sorted(added) if added[number].special}


def added_token_at_start(tokenizer: Tokenizer, text: str) -> int | None:
    """The added token that a text begins with, after white space; None if there is none."""
    rest = text.lstrip()
    found = (
        (len(token.content), number)
        for number, token in tokenizer.get_added_tokens_decoder().items()
        if token.content and rest.startswith(token.content)
    )
    return max(found, default=(0, None))[1]


def choose_pad_id(unused: Mapping[int, str], pad_token: str, first_free: int, vocabulary: int) -> int:
    """An id for padding. `unused` are the special tokens, by id, that no prompt is made of and no answer ends with.

    The best is an id of the model that its tokenizer does not have, from `first_free` on, because no text has it. Next
    come the pad token, a reserved token, and any other of `unused`. Without any of these it is 0: masks never look at
    ids, so this changes nothing.
    """
    if first_free < vocabulary:
        return first_free
    candidates = [
        *(number for number, text in unused.items() if text == pad_token),
        *(number for number, text in unused.items() if any(word in text.lower() for word in _FOR_PADDING)),
        *unused,
    ]
    return candidates[0] if candidates else 0
