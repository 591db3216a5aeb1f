"""The power of a number of items, computed before anything is run."""

from __future__ import annotations

from math import sqrt

from .bisection import smallest


def power_of(difference: float, items: int, discordant: float = 0.2, alpha: float = 0.05) -> float:
    """The probability that McNemar's two-sided test shows this true difference of two runs.

    `discordant` is the share of items that one run has right and the other wrong; it is at least the difference.
    Normal approximation of Miettinen 1968, as in Connor 1987. The exact test of few discordant items has slightly less
    power.
    """
    from scipy.special import ndtr, ndtri

    if items < 1:
        raise ValueError(f"Power needs at least 1 item, not {items}.")
    size = abs(difference)
    share = max(discordant, size)
    spread = sqrt(max(share - size**2, 1e-12))
    return float(ndtr((size * sqrt(items) - ndtri(1 - alpha / 2) * sqrt(share)) / spread))


def smallest_difference(items: int, discordant: float = 0.2, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest true difference of two runs that this many items show with this power.

    For 100 items of which 20% are discordant it is 0.12. It is 1.0 if no difference is shown.
    """
    return smallest(lambda difference: power_of(difference, items, discordant, alpha) >= power)
