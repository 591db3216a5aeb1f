"""A regular expression as the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import regex

from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer

SECONDS = 0.5
MAX_PATTERN = 1000
MAX_REPEATS = 100_000
_COUNT = re.compile(r"(?P<one>(?<=[\w.\]]))?\{(?P<counts>[^{}]*)\}")
TOO_SLOW = f"The pattern took more than {SECONDS:g} seconds."


class RegexMatch:
    """1 if the answer, a regular expression, matches somewhere in the prediction."""

    name = "regex_match"
    version = "2"
    help = "The answer is a regular expression that must match in the text; ^ and $ are its beginning and end."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> str:
        """The pattern as it is written: whether two patterns match the same texts is not decided."""
        pattern_of(answer)
        return answer

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            pattern = pattern_of(item.answer)
            return Judgement(float(pattern.search(item.prediction.strip(), timeout=SECONDS) is not None))
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        except TimeoutError:
            return Judgement(None, error=TOO_SLOW)


def pattern_of(answer: str) -> regex.Pattern[str]:
    """The compiled pattern. Raises UnreadableAnswer if it cannot judge a prediction."""
    if len(answer) > MAX_PATTERN:
        raise UnreadableAnswer(f"The pattern has more than {MAX_PATTERN} characters.")
    if _repeats(answer) > MAX_REPEATS:
        raise UnreadableAnswer("The pattern repeats too much: use smaller counts in braces, or * or +.")
    try:
        pattern = regex.compile(answer, cache_pattern=False)
        if pattern.search("", timeout=SECONDS):
            raise UnreadableAnswer("The pattern matches the empty text, so a prediction without text would be right.")
    except TimeoutError:
        raise UnreadableAnswer(TOO_SLOW) from None
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        raise UnreadableAnswer(f"The pattern is not a regular expression: {error}.") from None
    return pattern


def _repeats(pattern: str) -> int:
    """At least as many parts as the compiled pattern has: each count makes copies, and these can fill the memory.

    A count behind one character copies that; one behind a group copies all that may be in it, other counts too.
    """
    copies: dict[bool, list[int]] = {True: [], False: []}
    for match in _COUNT.finditer(pattern):
        numbers = re.sub(r"[^\d,]", "", match["counts"]).split(",")
        copies[match["one"] is not None].append(max((int(number) for number in numbers if number), default=0) or 1)
    return (len(pattern) + sum(copies[True])) * math.prod(copies[False])
