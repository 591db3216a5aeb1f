"""Strict JSON for everything that comes from outside: no key twice, no NaN and no infinity; faults name their line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_MAX_QUOTED = 60
_PLAIN = {
    "Invalid control character at": "an unescaped line break or other control character in a text",
    "Unterminated string starting at": "a text without its closing quotation mark",
    "Unexpected UTF-8 BOM (decode using utf-8-sig)": "a byte order mark before the text",
}
"""What Python says in half a sentence."""


class InvalidJson(ValueError):
    """Text that is refused: `problem` says why, `line` and `column` say where, from 1; both are 0 where unknown."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem)
        self.problem, self.line, self.column = problem, line, column


class NotJson(InvalidJson):
    """Text that does not follow the grammar of JSON."""


class DuplicateKey(InvalidJson):
    """An object that holds `key` twice."""

    def __init__(self, key: str, line: int, column: int) -> None:
        super().__init__(appears_twice(key), line, column)
        self.key = key


def parse_json(text: str, *, number: Callable[[str], Any] | None = None, locate: bool = True) -> Any:
    """The data that `text` holds. `number` reads a number from its digits, in place of int and float.

    Without `locate`, only faults of grammar have a place: to find that of another takes much longer than to parse.
    Raises InvalidJson: NotJson for what does not follow the grammar, DuplicateKey for a key that appears twice, and
    the base class for NaN, infinity, numbers that are too large, and too many levels.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=number or _float,
            parse_int=number or _int,
        )
    except json.JSONDecodeError as error:
        raise NotJson(_PLAIN.get(error.msg, error.msg), error.lineno, error.colno) from None
    except RecursionError:
        raise InvalidJson("it is nested too deeply") from None
    except _Twice as twice:
        start = _start_of_second_key(text) if locate else -1
        raise DuplicateKey(twice.key, *_line_and_column(text, start)) from None
    except _Refused as refused:
        start = _start_of(text, refused.word) if locate else -1
        raise InvalidJson(refused.problem, *_line_and_column(text, start)) from None


def appears_twice(key: object) -> str:
    """What is wrong with a key that an object holds twice: the same words for every format."""
    return f"the key {_cut(str(key))!r} appears twice"


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        self.key = key


class _Refused(Exception):
    def __init__(self, word: str, problem: str) -> None:
        self.word, self.problem = word, problem


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return found


def _refuse(word: str) -> NoReturn:
    raise _Refused(word, f"{_cut(word)} is not a finite number")


def _float(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python reads a few thousand digits at most
        raise _Refused(digits, f"the number {_cut(digits)} has too many digits") from None


def _start_of_second_key(text: str) -> int:
    """Where the key stands that `_object` met first: that of the object which ends first.

    The text follows the grammar up to there, or `_object` would not have been called.
    """
    objects: list[tuple[set[str], list[int]] | None] = []
    before = ""
    for found, start in _tokens(text):
        if found in ("{", "["):
            objects.append((set(), []) if found == "{" else None)
        elif found in ("}", "]"):
            ended = objects.pop()
            if ended and ended[1]:
                return ended[1][0]
        elif before in ("{", ",") and objects[-1] is not None:
            keys, repeated = objects[-1]
            key = json.loads(found)
            repeated += [start] if key in keys else []
            keys.add(key)
        before = found
    return -1


def _start_of(text: str, word: str) -> int:
    return next((start for found, start in _tokens(text) if found == word), -1)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    return ((found[0], found.start()) for found in _TOKEN.finditer(text))


def _line_and_column(text: str, start: int) -> tuple[int, int]:
    return (text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)) if start >= 0 else (0, 0)


def _cut(word: str) -> str:
    return word if len(word) <= _MAX_QUOTED else f"{word[:_MAX_QUOTED]}..."
