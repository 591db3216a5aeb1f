"""Turns predictions into a judge's verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tunix.pipeline.failures import Canceled, JudgeFailed, TimedOut, UnknownJudge
from tunix.pipeline.judges import JUDGES, Judge, JudgeContext, JudgeItem, Judgement, ServiceJudge
from tunix.pipeline.judges.limits import first_failures, refuse_too_many_failures
from tunix.pipeline.spec import JudgeVerdict, Usage
from tunix.validation.did_you_mean import nearest_or_all


def judge_named(name: str) -> Judge:
    """The judge of this name. Raises UnknownJudge."""
    if name in JUDGES:
        return JUDGES[name]
    raise UnknownJudge(f"Unknown judge '{name}'.{nearest_or_all(name, JUDGES)}")


def ready_judge(name: str) -> Judge:
    """The judge of this name, if it can judge here. Raises UnknownJudge, JudgeFailed."""
    judge = judge_named(name)
    if isinstance(judge, ServiceJudge) and (why := judge.unavailable()):
        raise JudgeFailed(f"The judge {name} cannot judge: {why}")
    return judge


def give_judgements(judge: Judge, items: Sequence[JudgeItem], context: JudgeContext) -> list[Judgement]:
    """What the judge says of each item, in order. Raises JudgeFailed, and what the context's `progress` raises."""
    try:
        if isinstance(judge, ServiceJudge):
            judgements = judge.judge_in(context, items)
        else:
            judgements = [_judgement(said) for said in judge.judge(items)]
    except (Canceled, TimedOut, JudgeFailed, OSError):
        raise
    except Exception as error:
        raise JudgeFailed(f"The judge {judge.name} failed: {type(error).__name__}: {error}") from error
    if len(judgements) != len(items):
        raise JudgeFailed(f"The judge {judge.name} gave {len(judgements)} scores for {len(items)} items.")
    if not all(judgement.score is None or 0 <= judgement.score <= 1 for judgement in judgements):
        raise JudgeFailed(f"The judge {judge.name} gave a score outside 0 to 1.")
    return judgements


def verdict_of(
    judge: Judge,
    split: str,
    judgements: Sequence[Judgement],
    truncated: Sequence[bool],
    usage: Usage | None = None,
) -> JudgeVerdict:
    """The verdict that these judgements, at least one, amount to.

    Raises JudgeFailed where none has a score, or more than the limit have none.
    """
    refuse_too_many_failures(judge.name, judgements, len(judgements))
    scores = [judgement.score for judgement in judgements]
    known = [score for score in scores if score is not None]
    return JudgeVerdict(
        judge=judge.name,
        judge_version=judge.version,
        split=split,
        items=len(scores),
        score_mean=math.fsum(known) / len(known),
        metrics={"truncated_share": sum(truncated) / len(truncated)},
        item_scores=scores,
        failed_items=len(scores) - len(known),
        failures=first_failures(judgements),
        usage=usage,
    )


def give_verdict(
    judge: Judge,
    split: str,
    items: Sequence[JudgeItem],
    truncated: Sequence[bool],
    context: JudgeContext | None = None,
) -> JudgeVerdict:
    """The judge's verdict on these items, of which there is at least one. Raises JudgeFailed."""
    context = context or JudgeContext()
    return verdict_of(judge, split, give_judgements(judge, items, context), truncated, context.meter.usage)


def _judgement(said: float | Judgement) -> Judgement:
    return said if isinstance(said, Judgement) else Judgement(float(said))
