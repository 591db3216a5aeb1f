"""ROUGE-L: how much of a text's words stand in the answer, in the same order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import regex

from tunix.pipeline.caseless import caseless
from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer

MOST_WORDS = 10_000
"""The words at the beginning of each text that are compared. All words of a text count in its length."""

# Scripts that are written without blanks between words: each of their characters is a word.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(
    rf"(?V1)[[\p{{L}}\p{{N}}]&&[{_UNSPACED}]]\p{{M}}*|[[\p{{L}}\p{{N}}]--[{_UNSPACED}]][[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]*"
)


class RougeL:
    """The F-measure of the longest common subsequence of words, where precision and recall weigh the same."""

    name = "rouge_l"
    version = "1"
    grades_parts = True
    help = "ROUGE-L: the share of words that text and answer have in common in the same order (F-measure)."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> str:
        words = words_of(answer)
        if not words:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} has no words.")
        return " ".join(words)

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer).split(" ")
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        found = words_of(item.prediction)
        common = common_words(expected[:MOST_WORDS], found[:MOST_WORDS])
        return Judgement(
            2 * common / (len(expected) + len(found)),
            f"{common:,} words in the same order, of {len(expected):,} in the answer and {len(found):,} in the text.",
        )


def words_of(text: str) -> list[str]:
    """Runs of letters and digits with their marks, composed and without case; there is no stemming."""
    return _WORD.findall(caseless(text))


def common_words(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    Bit i of `open_places` is cleared where the length grows at word i of `one`: a row of the usual table in one
    number, so that a row is three operations on it (H. Hyyrö, Bit-parallel LCS-length computation revisited, 2004).
    """
    places: defaultdict[str, int] = defaultdict(int)
    for place, word in enumerate(one):
        places[word] |= 1 << place
    every = open_places = (1 << len(one)) - 1
    for word in other:
        if word in places:
            matched = open_places & places[word]
            open_places = (open_places + matched | open_places - matched) & every
    return len(one) - open_places.bit_count()
