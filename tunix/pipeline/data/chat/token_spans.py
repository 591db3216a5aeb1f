"""Ranges of characters as ranges of tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from tunix.pipeline.data.row_tokenizer import Span


def token_spans(offsets: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]) -> list[Span]:
    """The tokens that have a character in each range. `offsets` are those of the tokens, in characters of the text.

    A token across the beginning of a range belongs to it: the model writes it as a whole. Several tokens that are parts
    of one character have the same offsets, so none of them is divided from the others.
    """
    # The ends and starts never decrease, but for what a normalizer turned around.
    stops = list(accumulate((stop for _, stop in offsets), max))
    starts = list(accumulate((start for start, _ in offsets), max))
    return [(bisect_right(stops, start), bisect_left(starts, stop)) for start, stop in ranges]
