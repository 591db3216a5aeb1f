"""The limit on items without a score, above which a judging fails."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges.base import Judgement

MAX_FAILED_SHARE = "JUDGE_MAX_FAILED_SHARE"
DEFAULT_FAILED_SHARE = 0.1
FIRST_FAILURES = 3


def max_failed_share() -> float:
    """The allowed share of items, 0 to 1, from the environment. Raises JudgeFailed if it is set to anything else."""
    text = os.environ.get(MAX_FAILED_SHARE, "").strip()
    try:
        share = float(text) if text else DEFAULT_FAILED_SHARE
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise JudgeFailed(f"{MAX_FAILED_SHARE} must be a number from 0 to 1, such as {DEFAULT_FAILED_SHARE}.")
    return share


def refuse_too_many_failures(judge: str, judgements: Sequence[Judgement], items: int) -> None:
    """Raises JudgeFailed, with the first reasons, if more of `items` than the limit have no score, or all of them.

    A share above 0 allows at least one item. `judgements` may be incomplete: those known so far.
    """
    failed = sum(judgement.score is None for judgement in judgements)
    if not is_too_many(failed, items):
        return
    raise JudgeFailed(
        f"The judge {judge} could not judge {failed} of {items} items ({MAX_FAILED_SHARE} allows"
        f" {max_failed_share():.0%}). " + " ".join(first_failures(judgements))
    )


def is_too_many(failed: int, items: int) -> bool:
    """Whether `failed` of `items` without a score are over the limit. Raises JudgeFailed as `max_failed_share` does."""
    share = max_failed_share()
    allowed = max(1, share * items) if share else 0
    return failed >= items or failed > allowed


def first_failures(judgements: Sequence[Judgement]) -> list[str]:
    """The most frequent errors, each with its number of occurrences."""
    counts = Counter(judgement.error for judgement in judgements if judgement.score is None)
    return [f"{count} x {error}" if count > 1 else error for error, count in counts.most_common(FIRST_FAILURES)]
