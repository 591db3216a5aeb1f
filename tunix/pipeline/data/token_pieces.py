"""Tokens as text to be shown, also those that are only a part of a character."""

from __future__ import annotations

from functools import cache


def shown_piece(piece: str) -> str:
    """A piece of a byte-level BPE as text. Bytes that are no whole character are shown as `\\xe6`."""
    alphabet = _alphabet()
    return b"".join(alphabet.get(letter, letter.encode()) for letter in piece).decode(errors="backslashreplace")


@cache
def _alphabet() -> dict[str, bytes]:
    """The byte behind each letter of a piece.

    Printable bytes stand for themselves, and the others are numbered from 256, so that every byte has a visible letter:
    https://github.com/openai/gpt-2/blob/master/src/encoder.py
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(0x100) if value not in printable]
    letters = {chr(value): value for value in printable} | {chr(0x100 + n): value for n, value in enumerate(others)}
    return {letter: bytes([value]) for letter, value in letters.items()}
