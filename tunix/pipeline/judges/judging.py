"""Judges a model's outputs, and sums the judgements up as a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from tunix.pipeline.failures import Canceled, JudgeFailed, TimedOut
from tunix.pipeline.judges import Judge, JudgeContext, JudgeItem, Judgement, Outputs, ServiceJudge
from tunix.pipeline.judges.answers import why_unfit
from tunix.pipeline.judges.limits import first_failures, is_too_many, refuse_too_many_failures
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.racing import is_lost, looks, raced_out
from tunix.pipeline.spec import EvaluationSpec, JudgeResult, RaceSpec, Usage


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


def judge_racing(judge: Judge, outputs: Outputs, race: RaceSpec, context: JudgeContext) -> list[Judgement]:
    """A judgement for each item, or for those of the first rows, if these show that the run has lost the race.

    Raises as `judge_items`.
    """
    judgements: list[Judgement] = []
    for rows in (*looks(outputs.rows), outputs.rows):
        start = len(judgements)
        # Bound now, because the next block has another start.
        onward = partial(_report_from, context.progress, start)
        block = outputs.items[start : rows * outputs.samples]
        judgements += judge_items(judge, block, replace(context, progress=onward, planned=len(outputs.items)))
        failed = sum(judgement.score is None for judgement in judgements)
        # A service that fails for a while must neither decide a race nor fail a trial for its first rows.
        is_fit = rows < outputs.rows and not is_too_many(failed, len(judgements))
        if is_fit and is_lost(race, scores_of_rows(judgements, outputs.samples)):
            break
    return judgements


def _report_from(progress: Callable[[int], None], start: int, done: int) -> None:
    progress(start + done)


def result_of_race(result: JudgeResult, race: RaceSpec) -> JudgeResult:
    """The result of a run that was raced out: its score is the estimate for all rows, to be compared with others."""
    found = raced_out(race, result.item_scores)
    best = None if result.score_best is None else min(1.0, found.estimate + result.score_best - result.score_mean)
    return result.model_copy(update={"score_mean": found.estimate, "score_best": best, "raced_out": found})


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
