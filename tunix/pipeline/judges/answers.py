"""Looks through the expected answers of a dataset: which ones a judge cannot read, and which it takes for the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges import JUDGES, AnswerReader, NearAnswers, UnreadableAnswer
from tunix.pipeline.judges.limits import FIRST_FAILURES, is_too_many


def canonical(judge_name: str, answer: str) -> Hashable:
    """What the judge sees of an answer; the answer itself if it reads answers by no rule, as a language model does.

    Raises UnreadableAnswer.
    """
    judge = JUDGES[judge_name]
    return judge.canonical(answer) if isinstance(judge, AnswerReader) else answer


def colliding_answers(judge_name: str, answers: Iterable[str]) -> list[list[str]]:
    """Groups of different answers that the judge takes for the same: one is right where another is expected.

    Answers that it cannot read are in no group. The answers of a group are in the order of their first occurrence.
    """
    groups: dict[Hashable, list[str]] = {}
    for answer in dict.fromkeys(answers):
        try:
            groups.setdefault(canonical(judge_name, answer), []).append(answer)
        except UnreadableAnswer:
            continue
    judge = JUDGES[judge_name]
    found = judge.merged(groups) if isinstance(judge, NearAnswers) else list(groups.values())
    return [group for group in found if len(group) > 1]


def unreadable_answers(judge_name: str, answers: Iterable[str]) -> Counter[str]:
    """Why items will have no score: the judge's reasons, each with the number of answers that it cannot read."""
    reasons: Counter[str] = Counter()
    for answer, count in Counter(answers).items():
        try:
            canonical(judge_name, answer)
        except UnreadableAnswer as error:
            reasons[str(error)] += count
    return reasons


def why_unfit(judge_name: str, answers: Iterable[str], rows: str) -> str:
    """Why judging `rows`, which have these answers, is bound to fail, and what to do; empty if it is not.

    This is the limit on items without a score that ends a judging, applied before anything is trained.
    """
    known = list(answers)
    reasons = unreadable_answers(judge_name, known)
    try:
        if not reasons or not is_too_many(reasons.total(), len(known)):
            return ""
    except JudgeFailed as error:
        return str(error)
    return (
        f"{judge_name} cannot read {reasons.total():,} of the {len(known):,} answers of {rows}, so they would have no"
        f" score: {_first(reasons)} Choose another judge, or import answers that it reads: see docs/judges.md."
    )


def _first(reasons: Counter[str]) -> str:
    counted = reasons.most_common(FIRST_FAILURES)
    return " ".join(f"{reason} ({count:,} times)" if count > 1 else reason for reason, count in counted)
