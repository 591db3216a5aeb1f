"""Racing: a run is judged row by row only until it clearly cannot reach a score, such as that of the third best trial.

Rows are judged in the order of a hash, so the rows judged so far are a random sample, without replacement, of all of
them. What other runs scored on a row says how hard it is. Compared with that, a few rows show more than alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tunix.pipeline.spec import RacedOut, RaceSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BLOCK: Final = 32
"""Rows between two looks."""
BETS: Final = (0.04, 0.07, 0.11, 0.17, 0.26)
"""By how much a run may fall behind: a bet on each of them, with equal stakes."""
FIRST_SPREAD: Final = (0.15, 16)
"""The mean square that is assumed before the first row, and as how many rows it counts."""
BOLDEST: Final = 0.75
"""No bet loses more than this share of its stake on a row."""
Z95: Final = 1.959964


def looks(rows: int) -> range:
    """After how many of so many rows a run may be raced out."""
    return range(BLOCK, rows, BLOCK)


def is_lost(race: RaceSpec, scores: Sequence[float | None]) -> bool:
    """Whether a run with these scores of its first rows cannot reach, over all rows, the mean that the race expects.

    If it can, this is true at any look with a probability of at most `race.chance`, for any scores from 0 to 1, as
    long as the rows are in random order. An answer that could not be judged counts 0, as in the mean of all rows.

    The capital of bets that the run falls behind can grow to 1 / chance only with that probability (Ville 1939). Such
    bets on the mean of a finite population, sampled without replacement, are those of Waudby-Smith and Ramdas,
    "Estimating means of bounded random variables by betting", JRSS B 86 (2024). What is bet on a row follows what the
    rows before it have shown.
    """
    import numpy as np

    expected = np.asarray(race.expected, dtype=np.float64)
    behind = expected[: len(scores)] - _counted(scores)
    if behind.sum() + (expected[len(scores) :] - 1).sum() > 0:  # too late, even if all other rows are right
        return True
    left = expected.size - np.arange(behind.size)
    fair = -_before(behind) / left  # the largest mean of the rows left with which the run still reaches the score
    stakes = np.array([_capital(behind, fair, float(expected.min()) - 1, bet) for bet in BETS])
    return bool(np.logaddexp.reduce(stakes) - np.log(len(BETS)) >= -np.log(race.chance))


def raced_out(race: RaceSpec, scores: Sequence[float | None]) -> RacedOut:
    """What a run that was raced out after these scores would have had on all rows: an estimate and its 95% interval.

    The regression estimator of double sampling with a slope of 1 (Cochran 1977, chapter 12): the mean that the race
    expects of all rows, and the mean difference from it on the judged ones. The interval is, like that of a score,
    about other rows of this kind. A race ends because a run looks bad, so the estimate is low rather than high.
    """
    import numpy as np

    expected, known = np.asarray(race.expected, dtype=np.float64), _counted(scores)
    ahead, rows, planned = known - expected[: known.size], known.size, expected.size
    spread, own = float(ahead.var(ddof=1)), float(known.var(ddof=1))
    half = Z95 * float(np.sqrt(spread * (1 / rows - 1 / planned) + own / planned))
    estimate = float(np.clip(expected.mean() + ahead.mean(), 0, 1))
    return RacedOut(
        rows=rows,
        planned=planned,
        judged_mean=float(known.mean()),
        to_reach=float(expected.mean()),
        estimate=estimate,
        low=max(0.0, estimate - half),
        high=min(1.0, estimate + half),
    )


def _counted(scores: Sequence[float | None]) -> Array:
    import numpy as np

    return np.array([score or 0.0 for score in scores], dtype=np.float64)


def _capital(behind: Array, fair: Array, lowest: float, bet: float) -> float:
    """The logarithm of what a stake of 1 has become that bets on a run being `bet` behind, row by row."""
    import numpy as np

    square, counts_as = FIRST_SPREAD
    spread = (_before(behind**2) + square * counts_as) / (np.arange(behind.size) + counts_as)
    share = np.maximum(0.0, bet - fair) / spread
    share = np.minimum(share, BOLDEST / np.maximum(fair - lowest, 1e-9))
    return float(np.log1p(share * (behind - fair)).sum())


def _before(values: Array) -> Array:
    """The sum of the values before each."""
    import numpy as np

    return np.concatenate([[0.0], np.cumsum(values)[:-1]])
