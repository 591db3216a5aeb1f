"""Whether a judge can tell the expected answers apart, and can read them all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.rows import Row
from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.answer_correctness import canonical_text
from tunix.pipeline.judges.answers import colliding_answers, unreadable_answers
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.spec import EvaluationSpec
from tunix.runs.validation import why_unfit_for

from .findings import Finding, problem, warning
from .lengths import PATTERN_JUDGE
from .texts import MOST_ROWS, Texts

SHOWN = 3
MOST_PATTERNS, MOST_TRAINED = 200, 500
"""Patterns that are tried, and train rows on whose answers each is tried."""
MOST_SECONDS = 2.0
"""Patterns that are not tried within this time count as matching: some take long for every text."""


def check_answers(about: str, evaluation: EvaluationSpec, texts: Texts) -> Iterator[Finding]:
    """What the judge would do with the expected answers of the rows that it judges."""
    sample = texts.judged(evaluation.split, evaluation.max_items)
    if why := why_unfit_for(texts.dataset, evaluation):
        yield problem(about, why)
        return
    yield from _unreadable(about, evaluation, sample)
    yield from _colliding(about, evaluation, sample)
    if evaluation.chooses_labels:
        yield from _without_label(about, evaluation, sample, texts.first("train", MOST_ROWS))
    if evaluation.judge == PATTERN_JUDGE:
        yield from _matching_nothing(about, evaluation, sample, texts.judged("train", MOST_TRAINED).rows)


def _unreadable(about: str, evaluation: EvaluationSpec, sample: Sample) -> Iterator[Finding]:
    judge, rows = judge_of(evaluation), sample.rows
    reasons = unreadable_answers(judge, (row.answer for row in rows))
    if not reasons:
        return
    first = next(line for line, row in sample.lines if unreadable_answers(judge, [row.answer]))
    shown = " ".join(reason for reason, _ in reasons.most_common(SHOWN))
    yield warning(
        about,
        f"{evaluation.judge} gives no score to {reasons.total():,} of {len(rows):,} {evaluation.split} rows (the first "
        f"in line {first:,}), whose answers it cannot read: {shown} Choose another judge, or correct these answers.",
    )


def _colliding(about: str, evaluation: EvaluationSpec, sample: Sample) -> Iterator[Finding]:
    lines = {row.answer: line for line, row in reversed(list(sample.lines))}
    groups = colliding_answers(judge_of(evaluation), [row.answer for row in sample.rows])
    if not groups:
        return
    shown = "; ".join(
        " = ".join(f"{answer[:40]!r} (line {lines[answer]:,})" for answer in group[:SHOWN]) for group in groups[:SHOWN]
    )
    more = f", and {len(groups) - SHOWN:,} more groups" if len(groups) > SHOWN else ""
    yield warning(
        about,
        f"{evaluation.judge} takes different {evaluation.split} answers for the same: {shown}{more}. Where one of them "
        "is expected, the others are right too. If they must differ, choose another judge or write them differently.",
    )


def _without_label(about: str, evaluation: EvaluationSpec, sample: Sample, trained: Sequence[Row]) -> Iterator[Finding]:
    """Rows whose answer can never be chosen."""
    labels, rows = {canonical_text(row.answer) for row in trained}, sample.rows
    without = [place for place, row in enumerate(rows) if canonical_text(row.answer) not in labels]
    if without:
        yield warning(
            about,
            f"{len(without):,} of {len(rows):,} {evaluation.split} rows expect an answer that no train row has, "
            f"such as {rows[without[0]].answer[:40]!r}. With decode, a model chooses among the answers of train "
            "rows, and is always wrong there. Add train rows with these answers.",
        )


def _matching_nothing(
    about: str, evaluation: EvaluationSpec, sample: Sample, trained: Sequence[Row]
) -> Iterator[Finding]:
    """Patterns that match neither an answer that is trained on nor their own text, which a model might learn."""
    patterns = list(dict.fromkeys(row.answer for row in sample.rows))[:MOST_PATTERNS]
    known = list(dict.fromkeys(row.answer for row in trained))
    deadline = time.monotonic() + MOST_SECONDS
    without = [pattern for pattern in patterns if not _matches_any(pattern, [pattern, *known], deadline)]
    if without:
        line = next(line for line, row in sample.lines if row.answer == without[0])
        yield warning(
            about,
            f"{len(without):,} of {len(patterns):,} patterns (such as {without[0][:40]!r} in line {line:,}) match none "
            f"of {len(trained):,} train answers, nor their own text: what the model learns to write "
            "would be wrong. Check the patterns, or train on texts that they match.",
        )


def _matches_any(pattern: str, texts: Sequence[str], deadline: float) -> bool:
    """Whether the judge finds one of the texts right; true for a pattern that it cannot read, which is said before."""
    judge = JUDGES[PATTERN_JUDGE]
    for text in texts:
        (found,) = judge.judge([JudgeItem("", pattern, text)])
        score = found if isinstance(found, float) else found.score
        if score is None or score > 0 or time.monotonic() > deadline:
            return True
    return False
