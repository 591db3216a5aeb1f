"""chrF2: how much of a text's sequences of characters stand in the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer

ORDERS = range(1, 7)
BETA = 2
"""Recall weighs as much as BETA times precision."""


class Chrf:
    """The F-measure of character n-grams, n from 1 to 6, as sacrebleu's sentence_chrf computes it by default."""

    name = "chrf"
    version = "1"
    grades_parts = True
    help = "chrF2: sequences of 1 to 6 characters that text and answer have in common; blanks do not count."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> str:
        signs = without_blanks(answer)
        if not signs:
            raise UnreadableAnswer("The answer is empty.")
        return signs

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer)
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        precision, recall = precision_and_recall(expected, without_blanks(item.prediction))
        return Judgement(_f_measure(precision, recall), f"Precision {precision:.3f}, recall {recall:.3f}.")


def without_blanks(text: str) -> str:
    return "".join(text.split())


def precision_and_recall(expected: str, found: str) -> tuple[float, float]:
    """The means over the orders of which both texts have n-grams; 0 if there is none."""
    orders = [order for order in ORDERS if order <= min(len(expected), len(found))]
    if not orders:
        return 0.0, 0.0
    common = {order: (_ngrams(expected, order) & _ngrams(found, order)).total() for order in orders}
    precision = sum(common[order] / (len(found) - order + 1) for order in orders)
    recall = sum(common[order] / (len(expected) - order + 1) for order in orders)
    return precision / len(orders), recall / len(orders)


def _ngrams(text: str, order: int) -> Counter[str]:
    return Counter(text[place : place + order] for place in range(len(text) - order + 1))


def _f_measure(precision: float, recall: float) -> float:
    if not precision + recall:
        return 0.0
    return min(1.0, (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))
