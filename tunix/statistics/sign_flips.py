"""The paired test of graded scores."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .results import Alternative

ENUMERATED = 12
FLIPS = 9999
ENOUGH_FOR_T = 50
SEED = 20_011_935


def graded_p(differences: Array, alternative: Alternative) -> tuple[float, str]:
    """The p value and name of the test that each difference is as likely with the opposite sign.

    All flips for up to 12 items that differ; 9,999 flips with a fixed seed below 50 (Phipson and Smyth 2010: one is
    added to both counts); otherwise the paired t-test, which is the limit of the flips and also resolves small p
    values (Lehmann and Romano 2005, 15.2).
    """
    unequal = differences[differences != 0]
    if not unequal.size:
        return 1.0, "no item differs"
    if unequal.size <= ENUMERATED:
        bits = (np.arange(2**unequal.size)[:, None] >> np.arange(unequal.size)) & 1
        every_sign = np.where(bits == 1, 1.0, -1.0)
        return _share(unequal, every_sign, alternative, added=0), "all sign flips"
    if unequal.size < ENOUGH_FOR_T or np.ptp(differences) == 0:
        bits = np.random.default_rng(SEED).integers(0, 2, (FLIPS, unequal.size))
        random_signs = np.where(bits == 1, 1.0, -1.0)
        return _share(unequal, random_signs, alternative, added=1), "random sign flips"
    t = differences.mean() / (differences.std(ddof=1) / np.sqrt(differences.size))
    return p_of_t(float(t), differences.size - 1, alternative), "paired t"


def _share(unequal: Array, signs: Array, alternative: Alternative, added: int) -> float:
    """The share of the flips that are at least as extreme as the observed sum."""
    sums, seen = signs @ unequal, unequal.sum()
    slack = 1e-9 * np.abs(unequal).sum()
    if alternative == "two-sided":
        sums, seen = np.abs(sums), abs(seen)
    elif alternative == "less":
        sums, seen = -sums, -seen
    return float((np.sum(sums >= seen - slack) + added) / (len(signs) + added))


def p_of_t(t: float, degrees: float, alternative: Alternative) -> float:
    """The p value of Student's t."""
    from scipy.special import stdtr

    if alternative == "two-sided":
        return min(1.0, 2 * float(stdtr(degrees, -abs(t))))
    return float(stdtr(degrees, -t if alternative == "greater" else t))
