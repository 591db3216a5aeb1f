"""Judges a model's outputs, and sums the judgements up as a result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tunix.pipeline.failures import Canceled, JudgeFailed, TimedOut
from tunix.pipeline.judges import Judge, JudgeContext, JudgeItem, Judgement, Outputs, ServiceJudge
from tunix.pipeline.judges.answers import why_unfit
from tunix.pipeline.judges.limits import first_failures, refuse_too_many_failures
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.spec import EvaluationSpec, JudgeResult, Usage


def available_judge(evaluation: EvaluationSpec) -> Judge:
    """The judge of an evaluation, if it can judge on this machine. Raises UnknownJudge, JudgeFailed."""
    judge = judge_of(evaluation)
    if isinstance(judge, ServiceJudge) and (why := judge.unavailable()):
        raise JudgeFailed(f"The judge {judge.name} cannot judge: {why}")
    return judge


def refuse_unfit(judge: Judge, answers: Iterable[str], rows: str) -> None:
    """Raises JudgeFailed if the judge cannot read so many of the answers of `rows` that judging them would fail."""
    if why := why_unfit(judge, answers, rows):
        raise JudgeFailed(f"The judge {why}")


def judge_items(judge: Judge, items: Sequence[JudgeItem], context: JudgeContext) -> list[Judgement]:
    """A judgement for each item, in order. Raises JudgeFailed, and what the context's `progress` raises."""
    try:
        if isinstance(judge, ServiceJudge):
            judgements = judge.judge_in(context, items)
        else:
            found = judge.judge(items)
            judgements = [each if isinstance(each, Judgement) else Judgement(float(each)) for each in found]
    except (Canceled, TimedOut, JudgeFailed, OSError):
        raise
    except Exception as error:
        raise JudgeFailed(f"The judge {judge.name} failed: {type(error).__name__}: {error}") from error
    if len(judgements) != len(items):
        raise JudgeFailed(f"The judge {judge.name} gave {len(judgements)} scores for {len(items)} items.")
    if not all(judgement.score is None or 0 <= judgement.score <= 1 for judgement in judgements):
        raise JudgeFailed(f"The judge {judge.name} gave a score outside 0 to 1.")
    return judgements


def judge_result(
    judge: Judge,
    split: str,
    judgements: Sequence[Judgement],
    outputs: Outputs,
    usage: Usage | None = None,
) -> JudgeResult:
    """Sums up at least one judgement. Raises JudgeFailed if more items than the limit, or all, have no score.

    What could not be judged counts 0: left out, a model would gain by answers that the judge cannot read. The score of
    a row with several samples is their mean, so that an item of the result is always a row.
    """
    refuse_too_many_failures(judge.name, judgements, len(judgements))
    scores = scores_of_rows(judgements, outputs.samples)
    unjudged = sum(judgement.score is None for judgement in judgements)
    total = math.fsum(judgement.score or 0.0 for judgement in judgements)
    return JudgeResult(
        judge=judge.name,
        judge_version=judge.version,
        split=split,
        items=len(scores),
        score_mean=total / len(judgements),
        score_best=(total + unjudged) / len(judgements),
        metrics={"truncated_share": sum(outputs.truncated) / len(outputs.truncated)},
        item_scores=scores,
        failed_items=sum(score is None for score in scores),
        failures=first_failures(judgements),
        usage=usage,
    )


def scores_of_rows(judgements: Sequence[Judgement], samples: int) -> list[float | None]:
    """The score of each row: the mean of its samples, of which those without a score count 0, or None if none has."""
    scores = [judgement.score for judgement in judgements]
    return [_mean(scores[start : start + samples]) for start in range(0, len(scores), samples)]


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return math.fsum(known) / len(scores) if known else None
