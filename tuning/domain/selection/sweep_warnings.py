"""Warnings about a search while it runs, each with what to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import pstdev

ENOUGH = 3
CUT_OFF = 0.5


@dataclass(frozen=True)
class Evaluated:
    """A completed trial as warnings see it: its score, and the share of its outputs cut off at max_new_tokens."""

    score: float
    truncated_share: float = 0.0


def sweep_warnings(trials: Sequence[Evaluated]) -> list[str]:
    """Sentences about completed trials: all scores equal (from the third on), most outputs cut off."""
    return [sentence for sentence in (_all_equal(trials), _cut_off(trials)) if sentence is not None]


def noise_warning(noise: float, scores: Sequence[float]) -> str | None:
    """Why trials of these scores cannot be ranked: the judge's own noise is larger than their spread. None if they can.

    `noise` is what `tunix.statistics.noise.judge_noise` gives, from judging the same outputs twice.
    """
    spread = pstdev(scores) if scores else 0.0
    if noise <= spread:
        return None
    return (
        f"Not rankable: judged twice, the same outputs differ by {100 * noise:.1f} points of score (standard "
        f"deviation), and the trials differ by {100 * spread:.1f}. "
        "Use more items or a judge that repeats itself."
    )


def _all_equal(trials: Sequence[Evaluated]) -> str | None:
    if len(trials) < ENOUGH:
        return None
    score = trials[0].score
    if not all(math.isclose(trial.score, score, abs_tol=1e-9) for trial in trials):
        return None
    advice = "Widen the search space, or check that it contains parameters that matter"
    if score == 0:
        advice = "Look at the outputs: check the judge and the dataset, train for more steps, or widen the search space"
    elif score == 1:
        advice = "The task is too easy to rank anything: use harder items or a stricter judge"
    return f"All {len(trials)} completed trials have the same score, {score:.3f}: nothing can be ranked. {advice}."


def _cut_off(trials: Sequence[Evaluated]) -> str | None:
    if not trials:
        return None
    share = sum(trial.truncated_share for trial in trials) / len(trials)
    if share <= CUT_OFF:
        return None
    return (
        f"{share:.0%} of the outputs were cut off at max_new_tokens, and are judged unfinished: "
        "raise max_new_tokens in the evaluation of this job."
    )
