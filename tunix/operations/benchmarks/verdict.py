"""Simulated jobs with known truth: how often the verdict is wrong, and how often its intervals cover the truth."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tuning.domain.selection.confirmation import Verdict
from tuning.domain.selection.outcome import VerdictOutcome

from .report import environment
from .simulated_proof import Proved, confirmations
from .simulated_ties import TIES, lead_once, tie_settings, ties_of
from .verdict_goals import goals_of, goals_of_ties
from .worlds import Setting, settings_of

AGAIN = 10
FEWER_TIES = 5
"""A line about ties takes longer than one about proofs."""
SAID = (
    VerdictOutcome.BETTER,
    VerdictOutcome.EQUIVALENT,
    VerdictOutcome.UNDECIDED,
    VerdictOutcome.WORSE,
    VerdictOutcome.NOTHING_TO_PROVE,
)
CLEAR = 0.03
"""Winners at least so much better than the default ought to be called better."""


def verdict(
    *, sweeps: int, world: str = "", settings: Sequence[Setting] | None = None, seed: int = 0
) -> dict[str, Any]:
    """The tables of one world or of the ties, or all of them, and whether their goals are met.

    Rates are fractions of 1, scores are points.

    With this many figures one may miss its goal by chance. Such a line is simulated again, ten times as often, with
    other draws, and the second result decides. The first one is kept in the row.
    """
    started = time.process_time()
    rows = []
    for setting in settings or _settings(world):
        measure, asked = (_ties, max(1, sweeps // FEWER_TIES)) if setting.world == TIES else (_row, sweeps)
        row = measure(setting, asked, seed)
        if not all(row["goals"].values()):
            row = measure(setting, AGAIN * asked, seed + 1) | {"first": row}
        rows.append(row)
    return {
        "name": "verdict",
        "goals_met": all(all(row["goals"].values()) for row in rows),
        "sweeps": sweeps,
        "settings": rows,
        "cpu_seconds": round(time.process_time() - started, 1),
    } | environment()


def _settings(world: str) -> tuple[Setting, ...]:
    if world == TIES:
        return tie_settings()
    return settings_of(world) + (() if world else tie_settings())


def _generator(setting: Setting, seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, zlib.crc32(f"{setting.world}/{setting.label}".encode())))


def _ties(setting: Setting, sweeps: int, seed: int) -> dict[str, Any]:
    rng = _generator(setting, seed)
    measured = ties_of([lead_once(rng, setting) for _ in range(sweeps)], setting)
    return measured | {"goals": goals_of_ties(measured, setting)}


def _row(setting: Setting, sweeps: int, seed: int) -> dict[str, Any]:
    rng = _generator(setting, seed)
    jobs = [list(confirmations(rng, setting)) for _ in range(sweeps)]
    every = [proved for job in jobs for proved in job]
    measured = {
        "world": setting.world,
        "label": setting.label,
        "items": setting.items,
        "sweeps": sweeps,
        "rounds": setting.rounds,
        "false_better": _mean([any(proved.is_false for proved in job) for job in jobs]),
        "false_as_good": _mean([proved.is_as_good_in_error for proved in every]),
        "outcomes": {outcome: _mean([one.outcome == outcome for one in every]) for outcome in SAID},
        **_intervals([(one.verdict, one) for one in every if one.verdict]),
        **_found([one for one in every if one.difference >= CLEAR]),
        "runs": _mean([one.runs for one in every], 2),
    }
    return measured | {"goals": goals_of(measured, setting)}


def _intervals(proofs: Sequence[tuple[Verdict, Proved]]) -> dict[str, Any]:
    """Of the jobs with a proof: how often its intervals contain the truth, and the bias of the winner's score."""
    differences = [(verdict.comparison, truth.difference) for verdict, truth in proofs]
    scores = [(verdict.winner_interval, truth.winner_truth) for verdict, truth in proofs]
    return {
        "proofs": len(proofs),
        "coverage": _mean([interval.low <= truth <= interval.high for interval, truth in differences]),
        "coverage_score": _mean([interval.low <= truth <= interval.high for interval, truth in scores]),
        "bias": _mean([100 * (verdict.winner_score - truth.winner_truth) for verdict, truth in proofs], 2),
        "proof_runs": _mean([truth.runs for _, truth in proofs], 2),
    }


def _found(clear: Sequence[Proved]) -> dict[str, float | int | None]:
    """Of the winners that are clearly better: how many, by how much on average, and how often the verdict says so."""
    return {
        "clear": len(clear),
        "gain": _mean([100 * one.difference for one in clear], 2) if clear else None,
        "power": _mean([one.outcome == VerdictOutcome.BETTER for one in clear]) if clear else None,
        "clear_runs": _mean([one.runs for one in clear], 2) if clear else None,
    }


def _mean(values: Sequence[float], digits: int = 4) -> float:
    return round(float(np.mean(values)), digits)
