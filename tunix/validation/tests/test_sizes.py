"""Amounts of bytes, with one unit everywhere."""

from __future__ import annotations

import pytest

from tunix.validation.sizes import bytes_in_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 byte"),
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (2048, "2 KiB"),
        (3 * 1024**2, "3 MiB"),
        (1.5 * 1024**3, "1.5 GiB"),
    ],
)
def test_amounts_are_told_by_powers_of_1024(number: float, words: str) -> None:
    assert bytes_in_words(number) == words
