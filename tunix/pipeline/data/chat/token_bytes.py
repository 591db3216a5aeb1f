"""What text each token stands for, and how many bytes of it."""

from __future__ import annotations

import json
import re
from functools import cache

from tokenizers import Tokenizer

from tunix.pipeline.data.token_pieces import shown_piece

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_SPACE = "▁"
"""Stands for a space in the pieces of SentencePiece."""


class TokenBytes:
    """Sizes of tokens in bytes of UTF-8. Special tokens have none."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._added = tokenizer.get_added_tokens_decoder()
        self._tokenizer = tokenizer
        decoder = tokenizer.decoder
        self._is_byte_level = decoder is not None and _has(json.loads(decoder.__getstate__()), "ByteLevel")
        self.size = cache(self._size)

    def text(self, token: int) -> str:
        """A token as text to be shown; an id that the tokenizer does not have in brackets."""
        if token in self._added:
            return self._added[token].content
        piece = self._tokenizer.id_to_token(token)
        if piece is None:
            return f"<{token}>"
        return shown_piece(piece) if self._is_byte_level else piece.replace(_SPACE, " ")

    def _size(self, token: int) -> int:
        """The bytes of a token; 0 for an id that the tokenizer does not have."""
        if token in self._added:
            return 0 if self._added[token].special else len(self._added[token].content.encode())
        piece = self._tokenizer.id_to_token(token) or ""
        if self._is_byte_level:  # a piece has a character for each byte
            return len(piece)
        return 1 if _BYTE.fullmatch(piece) else len(piece.replace(_SPACE, " ").encode())


def _has(decoder: object, kind: str) -> bool:
    if isinstance(decoder, dict):
        return decoder.get("type") == kind or any(_has(part, kind) for part in decoder.get("decoders", []))
    return False
