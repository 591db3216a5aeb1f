"""Rows that say nearly the same as rows of another split, or as rows of their own split.

What does a test row prove if it was trained on? And two test rows that are nearly the same prove little more than one.

Prompts with the same words are near duplicates, and so are long ones that have the same numbers and share most of their
runs of three words. Runs that many prompts have belong to a template, and do not count.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tunix.pipeline.data.rows import Row

from .importing.comparing import normalised

MOST_ROWS = 10_000
"""Rows whose likeness is looked for, evenly spread."""
SHARE = 0.8
"""Two prompts are alike if they share so much of all the runs of words that either has."""

_RUN = 3
_FEWEST_RUNS = 6
_FEWEST_WORDS = 3
_TEMPLATE_SHARE = 0.05
_MOST_ALIKE = 50
"""A run that more prompts have is a template's in any case, which bounds the time."""
_WORD = re.compile(r"""\w+|[^\w\s.,;:!?'"()…“”\u2018\u2019]""")
"""Symbols such as + are words, because they change what is asked; punctuation does not."""


@dataclass(frozen=True)
class NearDuplicates:
    """How many rows of a split are near duplicates, and the lines of the first and its likeness in the other split."""

    count: int
    rows: int
    line: int
    other_line: int
    is_estimate: bool = False


@dataclass(frozen=True)
class NearCopies:
    """How many rows are near copies of others of their split, in how many groups, and the lines of two of them."""

    count: int
    groups: int
    rows: int
    line: int
    other_line: int


def near_copies(rows: Sequence[Row]) -> NearCopies | None:
    """Near copies among the rows of one split, of which the first ones are looked at; None if there are none.

    Rows that have the same group already do not count.
    """
    rows = rows[:MOST_ROWS]
    first: dict[int, int] = {}
    """The first line of its group, by line."""
    pairs = sorted(pair for pair in _alike_within(rows) if not _are_grouped(rows, pair))
    for line, other_line in pairs:
        one, other = _first_of(first, line), _first_of(first, other_line)
        first[max(one, other)] = min(one, other)
    if not pairs:
        return None
    groups = Counter(_first_of(first, line) for line in {line for pair in pairs for line in pair})
    return NearCopies(groups.total(), len(groups), len(rows), *pairs[0])


def near_duplicates(rows: Sequence[Row], others: Sequence[Row]) -> NearDuplicates | None:
    """Rows with a near duplicate among `others`; None if there is none.

    Prompts that are equal but for case and white space do not count: the import finds them.
    """
    every = max(1, -(-len(rows) // MOST_ROWS))
    looked_at = {line: _words(row.prompt) for line, row in enumerate(rows, start=1) if (line - 1) % every == 0}
    exact = {normalised(row.prompt) for row in others}
    looked_at = {line: words for line, words in looked_at.items() if normalised(rows[line - 1].prompt) not in exact}
    found = _found(looked_at, others)
    if not found:
        return None
    line = min(found)
    return NearDuplicates(len(found) * every, len(rows), line, found[line], is_estimate=every > 1)


def _found(looked_at: dict[int, list[str]], others: Sequence[Row]) -> dict[int, int]:
    """The line of the first likeness, by the line of the row."""
    same = {" ".join(words): line for line, words in looked_at.items() if len(words) >= _FEWEST_WORDS}
    index = _Index(looked_at)
    found: dict[int, int] = {}
    for other_line, other in enumerate(others, start=1):
        words = _words(other.prompt)
        if (line := same.get(" ".join(words))) is not None:
            found.setdefault(line, other_line)
        for line in index.alike(words):
            found.setdefault(line, other_line)
    return found


def _alike_within(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Pairs of lines, the smaller one first; of rows with the same words, each with the first of them."""
    words = {line: _words(row.prompt) for line, row in enumerate(rows, start=1)}
    index = _Index(words)
    same: dict[str, int] = {}
    for line, found in words.items():
        text = " ".join(found) if len(found) >= _FEWEST_WORDS else normalised(rows[line - 1].prompt)
        if (other := same.setdefault(text, line)) != line:
            yield other, line
        yield from ((other, line) for other in index.alike(found) if other < line)


def _are_grouped(rows: Sequence[Row], lines: tuple[int, int]) -> bool:
    one, other = (rows[line - 1].group for line in lines)
    return bool(one) and one == other


def _first_of(first: dict[int, int], line: int) -> int:
    while line in first and first[line] != line:
        line = first[line]
    return line


class _Index:
    """Prompts by their runs of words, without those that belong to a template."""

    def __init__(self, prompts: dict[int, list[str]]) -> None:
        runs = {line: set(_runs(words)) for line, words in prompts.items()}
        counts = Counter(run for known in runs.values() for run in known)
        most = max(3, min(_MOST_ALIKE, _TEMPLATE_SHARE * len(runs)))
        self._template = {run for run, count in counts.items() if count > most}
        self._sizes: dict[int, int] = {}
        self._prompts = prompts
        self._lines: defaultdict[int, list[int]] = defaultdict(list)
        for line, known in runs.items():
            telling = known - self._template
            if len(telling) < _FEWEST_RUNS:
                continue
            self._sizes[line] = len(telling)
            for run in telling:
                self._lines[run].append(line)

    def alike(self, words: Sequence[str]) -> Iterator[int]:
        """The lines of prompts that share most of their runs with these words."""
        theirs = set(_runs(words)) - self._template
        known = [run for run in theirs if run in self._lines]
        if len(known) < SHARE * len(theirs) or len(theirs) < _FEWEST_RUNS:
            return
        shared = Counter(line for run in known for line in self._lines[run])
        for line, count in shared.items():
            is_alike = count >= SHARE * max(self._sizes[line], len(theirs))
            if is_alike and _numbers(words) == _numbers(self._prompts[line]):
                yield line


def _runs(words: Sequence[str]) -> list[int]:
    return [hash(tuple(words[start : start + _RUN])) for start in range(len(words) - _RUN + 1)]


def _numbers(words: Iterable[str]) -> list[str]:
    """The words with digits: another number asks another thing."""
    return sorted(word for word in words if any(map(str.isdigit, word)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
