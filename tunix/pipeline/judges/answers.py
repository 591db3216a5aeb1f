"""Looks through the expected answers of a dataset: which ones a judge cannot read, and which it takes for the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges import AnswerReader, Judge, NearAnswers, UnreadableAnswer
from tunix.pipeline.judges.limits import FIRST_FAILURES, is_too_many


def canonical(judge: Judge, answer: str) -> Hashable:
    """What the judge sees of an answer; the answer itself if it reads answers by no rule, as a language model does.

    Raises UnreadableAnswer.
    """
    return judge.canonical(answer) if isinstance(judge, AnswerReader) else answer


def colliding_answers(judge: Judge, answers: Iterable[str]) -> list[list[str]]:
    """Groups of different answers that the judge takes for the same: one is right where another is expected.

    Answers that it cannot read are in no group. The answers of a group are in the order of their first occurrence.
    """
    groups: dict[Hashable, list[str]] = {}
    for answer in dict.fromkeys(answers):
        try:
            groups.setdefault(canonical(judge, answer), []).append(answer)
        except UnreadableAnswer:
            continue
    found = judge.merged(groups) if isinstance(judge, NearAnswers) else list(groups.values())
    return [group for group in found if len(group) > 1]


def unreadable_answers(judge: Judge, answers: Iterable[str]) -> Counter[str]:
    """Why items will have no score: the judge's reasons, each with the number of answers that it cannot read."""
    reasons: Counter[str] = Counter()
    for answer, count in Counter(answers).items():
        try:
            canonical(judge, answer)
        except UnreadableAnswer as error:
            reasons[str(error)] += count
    return reasons


def why_unfit(judge: Judge, answers: Iterable[str], rows: str) -> str:
    """Why judging `rows`, which have these answers, is bound to fail, and what to do; empty if it is not.

    This is the limit on items without a score that ends a judging, applied before anything is trained.
    """
    known = list(answers)
    reasons = unreadable_answers(judge, known)
    try:
        if not reasons or not is_too_many(reasons.total(), len(known)):
            return ""
    except JudgeFailed as error:
        return str(error)
    return (
        f"{judge.name} cannot read {reasons.total():,} of the {len(known):,} answers of {rows}, so they would have no"
        f" score: {_first(reasons)} Choose another judge, or import answers that it reads: see docs/judges.md."
    )


def _first(reasons: Counter[str]) -> str:
    counted = reasons.most_common(FIRST_FAILURES)
    return " ".join(f"{reason} ({count:,} times)" if count > 1 else reason for reason, count in counted)
