"""Differences of scores in words: points are hundredths of a score."""

from __future__ import annotations

from collections.abc import Sequence


def decimals_for(values: Sequence[float]) -> int:
    """How many decimals of a point show these differences: more where they lie close together, or round onto zero."""
    scaled = [100 * value for value in values]
    width = max(scaled) - min(scaled)
    decimals = 0 if width >= 4 else 1 if width >= 0.4 else 2
    while decimals < 2 and any(0 < abs(value) < 0.5 * 10**-decimals for value in scaled):
        decimals += 1
    return decimals


def number(difference: float, decimals: int, *, sign: bool = False) -> str:
    """A difference as a number of points: 18, or +18 with its sign. What rounds to nothing has none."""
    value = round(100 * difference, decimals) + 0.0
    text = f"{value:.{decimals}f}"
    return f"+{text}" if sign and value > 0 else text


def points(difference: float) -> str:
    """How large a difference is: 18 points, 2.5 points, 1 point."""
    size = abs(difference)
    text = f"{100 * size:.0f}" if size >= 0.095 else f"{100 * size:.1f}".removesuffix(".0")
    return f"{text} point{'' if text == '1' else 's'}"


def percent(share: float) -> str:
    """A level or a probability: 3%, 0.8%, 0.08%."""
    text = f"{100 * share:.0f}" if share >= 0.015 else f"{100 * share:.1g}"
    return f"{text}%"
