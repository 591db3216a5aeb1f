"""Turns predictions into a judge's verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches

from tunix.pipeline.failures import JudgeFailed, UnknownJudge
from tunix.pipeline.judges import JUDGES, Judge, JudgeItem
from tunix.pipeline.spec import JudgeVerdict


def judge_named(name: str) -> Judge:
    """The judge of this name. Raises UnknownJudge."""
    if name in JUDGES:
        return JUDGES[name]
    matches = get_close_matches(name, JUDGES, n=1)
    hint = f" Did you mean '{matches[0]}'?" if matches else f" Known: {', '.join(JUDGES)}."
    raise UnknownJudge(f"Unknown judge '{name}'.{hint}")


def give_verdict(judge: Judge, split: str, items: Sequence[JudgeItem], truncated: Sequence[bool]) -> JudgeVerdict:
    """The judge's verdict on these items, of which there is at least one. Raises JudgeFailed."""
    scores = _scores(judge, items)
    return JudgeVerdict(
        judge=judge.name,
        judge_version=judge.version,
        split=split,
        items=len(items),
        score_mean=math.fsum(scores) / len(scores),
        metrics={"truncated_share": sum(truncated) / len(truncated)},
        item_scores=scores,
    )


def _scores(judge: Judge, items: Sequence[JudgeItem]) -> list[float]:
    try:
        scores = [float(score) for score in judge.judge(items)]
    except Exception as error:
        raise JudgeFailed(f"The judge {judge.name} failed: {type(error).__name__}: {error}") from error
    if len(scores) != len(items):
        raise JudgeFailed(f"The judge {judge.name} gave {len(scores)} scores for {len(items)} items.")
    if not all(0 <= score <= 1 for score in scores):
        raise JudgeFailed(f"The judge {judge.name} gave a score outside 0 to 1.")
    return scores
