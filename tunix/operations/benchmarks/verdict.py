"""Simulated jobs with known truth: how often the verdict is wrong, and how often its intervals cover the truth."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from .report import environment
from .simulated_proof import Proved, confirmations
from .verdict_goals import goals_of
from .worlds import Setting, settings_of

AGAIN = 10
CLEAR = 0.03
"""Winners at least so much better than the default ought to be called better."""


def verdict(
    *, sweeps: int, world: str = "", settings: Sequence[Setting] | None = None, seed: int = 0
) -> dict[str, Any]:
    """The table of one world, or of all, and whether its goals are met. Rates are fractions of 1, scores are points.

    With this many figures one may miss its goal by chance. Such a line is simulated again, ten times as often, with
    other draws, and the second result decides. The first one is kept in the row.
    """
    started = time.process_time()
    rows = []
    for setting in settings or settings_of(world):
        row = _row(setting, sweeps, seed)
        if not all(row["goals"].values()):
            row = _row(setting, AGAIN * sweeps, seed + 1) | {"first": row}
        rows.append(row)
    return {
        "name": "verdict",
        "goals_met": all(all(row["goals"].values()) for row in rows),
        "sweeps": sweeps,
        "settings": rows,
        "cpu_seconds": round(time.process_time() - started, 1),
    } | environment()


def _row(setting: Setting, sweeps: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng((seed, zlib.crc32(f"{setting.world}/{setting.label}".encode())))
    jobs = [list(confirmations(rng, setting)) for _ in range(sweeps)]
    every = [proved for job in jobs for proved in job]
    measured = {
        "world": setting.world,
        "label": setting.label,
        "items": setting.items,
        "sweeps": sweeps,
        "rounds": setting.rounds,
        "false_better": _mean([any(proved.is_false for proved in job) for job in jobs]),
        **_rates(every),
        **_found(every),
        "runs": _mean([proved.runs for proved in every], 2),
    }
    return measured | {"goals": goals_of(measured, setting)}


def _rates(proved: Sequence[Proved]) -> dict[str, float]:
    """How often the verdict was "better", how often its intervals contain the truth, and the bias of the score."""
    differences = [(one.verdict.comparison, one.difference) for one in proved]
    scores = [(one.verdict.winner_interval, one.winner_truth) for one in proved]
    return {
        "better": _mean([one.is_better for one in proved]),
        "coverage": _mean([interval.low <= truth <= interval.high for interval, truth in differences]),
        "coverage_score": _mean([interval.low <= truth <= interval.high for interval, truth in scores]),
        "bias": _mean([100 * (one.verdict.winner_score - one.winner_truth) for one in proved], 2),
    }


def _found(proved: Sequence[Proved]) -> dict[str, float | int | None]:
    """Of the winners that are clearly better: how many, by how much on average, and how often the verdict says so."""
    clear = [one for one in proved if one.difference >= CLEAR]
    return {
        "clear": len(clear),
        "gain": _mean([100 * one.difference for one in clear], 2) if clear else None,
        "power": _mean([one.is_better for one in clear]) if clear else None,
    }


def _mean(values: Sequence[float], digits: int = 4) -> float:
    return round(float(np.mean(values)), digits)
