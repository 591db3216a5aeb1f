"""Cuts JSON text into the values of an array, or into values that follow each other, without reading the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import sources
from .faults import Fault
from .sources import Lines, TooLong

_MARK = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|["\[\]{},]')
"""A string that ends in the same piece, or a character that has a meaning outside strings."""
_REST_OF_STRING = re.compile(r'(?:[^"\\\n]++|\\.)*+(?:(")|(\\)\Z)?')

_MORE_TEXT = "More text follows the array: a file contains one array, or one object per line."


@dataclass(frozen=True)
class Value:
    """The text of one value, and where it starts: its line, and its number from 1."""

    text: str
    line: int
    number: int


def values_of_array(lines: Lines) -> Iterator[Value]:
    """The elements of the array that the text is.

    Raises TooLong, and Fault, after the last element, if the array is not closed or followed by more text.
    """
    scanner = _Scanner(base=1)
    for piece in lines.pieces():
        yield from scanner.feed(piece, lines.number)
    if not scanner.is_closed:
        raise Fault("The array is not closed: the file seems to be cut off.")


def values_in_turn(lines: Lines) -> Iterator[Value]:
    """The objects that follow each other in the text. Raises TooLong, and Fault if the last is not closed."""
    scanner = _Scanner(base=0)
    for piece in lines.pieces():
        yield from scanner.feed(piece, lines.number)
    if scanner.has_text:
        raise Fault(f"The object that begins in line {scanner.start} is not closed.")


def leaves_open(line: str) -> bool:
    """Whether an object or array is still open at the end of `line`."""
    scanner = _Scanner(base=0)
    list(scanner.feed(line, 1))
    return scanner.depth > 0 and not scanner.in_string


class _Scanner:
    """Follows brackets and strings; a value ends at a comma or a bracket at the level `base`.

    A string never contains a line break, so one whose quotation mark is missing ends with its line.
    """

    def __init__(self, base: int) -> None:
        self.base = base
        self.depth = 0
        self.in_string = False
        self.is_closed = False
        self.start = 0
        self._escaped = False
        self._number = 0
        self._after_comma = False
        self._parts: list[str] = []
        self._length = 0

    @property
    def has_text(self) -> bool:
        """Whether a value has begun and not ended."""
        return bool(self._length)

    def feed(self, piece: str, line: int) -> Iterator[Value]:
        """The values that end in `piece`, which is in `line`."""
        start = 0
        for character, end in self._marks(piece):
            if self.base and self.is_closed:
                raise Fault(_MORE_TEXT)
            if character == "," and self.depth == self.base == 1:
                self._keep(piece[start : end - 1], line)
                yield self._ended()
                self._after_comma, start = True, end
            elif character in "[{":
                self.depth += 1
                start = end if self.depth == self.base else start
            elif character in "]}":
                self.depth -= 1
                if self.depth == 0:
                    self._keep(piece[start : end - self.base], line)
                    start = end
                    yield from self._closed()
        self._keep(piece[start:], line)
        self.in_string = self.in_string and not piece.endswith("\n")

    def _closed(self) -> Iterator[Value]:
        """The last value of the array, or the object that just ended."""
        if self.has_text or self._after_comma:
            yield self._ended()
        self.is_closed = True

    def _marks(self, piece: str) -> Iterator[tuple[str, int]]:
        """Each character of `piece` that has a meaning outside strings, and the place after it."""
        place = self._end_of_string(piece) if self.in_string else 0
        while match := _MARK.search(piece, place):
            place = match.end()
            if match[0] == '"':
                self.in_string = True
                place = self._end_of_string(piece, place)
            elif len(match[0]) == 1:
                yield match[0], place

    def _end_of_string(self, piece: str, place: int = 0) -> int:
        """The place after the string that `place` is in, or after `piece` if it goes on."""
        match = _REST_OF_STRING.match(piece, place + self._escaped)
        assert match is not None  # noqa: S101  (it matches the empty text too)
        self._escaped = match[2] is not None
        self.in_string = match[1] is None
        return len(piece) if self.in_string else match.end()

    def _keep(self, text: str, line: int) -> None:
        """Adds `text` to the current value; blanks before a value do not belong to it. Raises TooLong."""
        if not self._length:
            text = text.lstrip()
            self.start = line
        if text and self.is_closed and self.base:
            raise Fault(_MORE_TEXT)
        self._length += len(text)
        if self._length > sources.MAX_LINE_BYTES:
            raise TooLong("row")
        self._parts.append(text)

    def _ended(self) -> Value:
        self._number += 1
        value = Value("".join(self._parts), self.start, self._number)
        self._parts, self._length, self._after_comma = [], 0, False
        return value
