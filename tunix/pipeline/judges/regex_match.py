"""A regular expression as the answer."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from tunix.pipeline.judges.base import JudgeItem, Judgement

SECONDS = 0.5
MAX_PATTERN = 1000


class RegexMatch:
    """1 if the answer, a regular expression, matches somewhere in the prediction."""

    name = "regex_match"
    version = "1"
    help = "The answer is a regular expression that must match in the text; ^ and $ are its beginning and end."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [_judgement(item) for item in items]


def _judgement(item: JudgeItem) -> Judgement:
    """A pattern that is too long, does not compile or takes too long is an error of the item, not a wrong answer."""
    if len(item.answer) > MAX_PATTERN:
        return Judgement(None, error=f"The pattern has more than {MAX_PATTERN} characters.")
    try:
        pattern = regex.compile(item.answer)
        return Judgement(float(pattern.search(item.prediction.strip(), timeout=SECONDS) is not None))
    except TimeoutError:
        return Judgement(None, error=f"The pattern took more than {SECONDS:g} seconds.")
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        return Judgement(None, error=f"The pattern is not a regular expression: {error}.")
