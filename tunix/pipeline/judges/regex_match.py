"""A regular expression as the answer."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer
from tunix.validation.patterns import InvalidPattern, compiled

SECONDS = 0.5
MAX_PATTERN = 1000
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
    try:
        pattern = compiled(answer, MAX_PATTERN)
        if pattern.search("", timeout=SECONDS):
            raise UnreadableAnswer("The pattern matches the empty text, so a prediction without text would be right.")
    except TimeoutError:
        raise UnreadableAnswer(TOO_SLOW) from None
    except InvalidPattern as error:
        raise UnreadableAnswer(str(error)) from None
    return pattern
