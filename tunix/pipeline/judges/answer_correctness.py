"""Equality of the whole text."""

from __future__ import annotations

from collections.abc import Sequence

from tunix.pipeline.caseless import caseless
from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer

FULL_STOPS = ".\N{IDEOGRAPHIC FULL STOP}"


class AnswerCorrectness:
    """1 if prediction and answer are the same text, apart from case, blanks around words, and a final full stop."""

    name = "answer_correctness"
    version = "2"
    help = "The same text, apart from case, blanks around words and a final full stop; every other sign counts."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> str:
        if not answer.strip():
            raise UnreadableAnswer("The answer is empty.")
        return canonical_text(answer)

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            return Judgement(float(canonical_text(item.prediction) == self.canonical(item.answer)))
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))


def canonical_text(text: str) -> str:
    """The text without what the judge ignores. Two texts are equal for it if this is the same.

    1. Letters without case, composed. 2. Single spaces between words, none around them. 3. No final full stop.
    """
    return without_full_stop(" ".join(caseless(text).split()))


def without_full_stop(text: str) -> str:
    """Without one full stop that ends a sentence: a letter or digit stands before it, and no blank or other stop.

    So nothing is cut from an answer of signs alone, such as "." or "-.", or from "...".
    """
    rest = text[:-1]
    if text[-1:] not in FULL_STOPS or rest[-1:] in FULL_STOPS or rest[-1:].isspace():
        return text
    return rest if any(map(str.isalnum, rest)) else text
