"""Simulated searches with a race: how many rows are judged, and how often one of the best three trials is lost.

The race is the product's own: `race_against` says what a trial has to reach, `is_lost` when it cannot, and `raced_out`
what its score would have been. Rows and runs are those of `simulated.py`, in the product's order of rows.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np

from tuning.domain.selection.confirmation import FINALISTS, SEEDS
from tuning.domain.selection.racing import race_against
from tunix.pipeline.racing import is_lost, looks, raced_out
from tunix.pipeline.spec import RaceSpec

from .report import environment
from .simulated import Array, Rows, places_of, qualities_of, seeded
from .worlds import BASE, Setting

MOST_JUDGED = 0.75
"""Of the rows of all trials, where 32 trials with a spread of 5 points are judged on 256 rows."""
MOST_LOST = 0.03
"""Of the searches, in any world."""
SPREAD = 0.05


@dataclass(frozen=True)
class Raced:
    """A search: the share of its rows that was judged, and whether one of the best three trials was raced out.

    `errors`: of each trial that was raced out, its estimated score minus that on all rows.
    """

    judged: float
    lost: bool
    errors: list[float]


def race_settings() -> tuple[Setting, ...]:
    """Worlds with different numbers of rows, seeds and spreads, and with rows that resemble each other."""
    base = Setting("racing", "spread 5", validation=256, trials=32, spread=SPREAD)
    return (
        base,
        replace(base, label="spread 5, seeds independent", correlation=0.0),
        replace(base, label="spread 5, no noise of seeds", deviation=0.0),
        replace(base, label="spread 5, sorted by class", sorted_rows=True),
        replace(base, label="spread 5, 3 near copies of each row", copies=3),
        replace(base, label="spread 5", validation=1024),
        replace(base, label="spread 2", spread=0.02),
        replace(base, label="all equal", spread=0.0),
        replace(base, label="all equal", validation=1024, spread=0.0),
    )


def racing(*, sweeps: int, settings: Sequence[Setting] | None = None, seed: int = 0) -> dict[str, Any]:
    """A line for each world, and whether all goals are met. Rates are fractions of 1, biases points."""
    started = time.process_time()
    rows = [_row(setting, sweeps, seed) for setting in settings or race_settings()]
    return {
        "name": "racing",
        "goals_met": all(all(row["goals"].values()) for row in rows),
        "sweeps": sweeps,
        "settings": rows,
        "cpu_seconds": round(time.process_time() - started, 1),
    } | environment()


def race_once(rng: np.random.Generator, setting: Setting) -> Raced:
    """One search: its trials are judged in turn, each on all rows or until it is raced out."""
    found, controls = _answers(rng, setting)
    scores, full, errors, judged = found.mean(axis=1), list[int](), dict[int, float](), 0
    for number, own in enumerate(found):
        best = sorted(full, key=lambda one: (-scores[one], one))
        race = race_against([found[one].tolist() for one in best], controls)
        rows = own.size if race is None else rows_judged(race, own.tolist())
        judged += rows
        if race is None or rows == own.size:
            full.append(number)
        else:
            errors[number] = raced_out(race, own[:rows].tolist()).estimate - float(scores[number])
    return Raced(judged / found.size, _is_one_lost(scores, errors), list(errors.values()))


def rows_judged(race: RaceSpec, scores: Sequence[float]) -> int:
    """How many rows are judged of a run that would have these scores."""
    return next((rows for rows in looks(len(scores)) if is_lost(race, scores[:rows])), len(scores))


def _answers(rng: np.random.Generator, setting: Setting) -> tuple[Array, list[list[float]]]:
    """What each trial, all trained with one seed, would answer; and the runs of the default, as a job has them."""
    qualities = np.append(qualities_of(rng, setting), BASE)
    count = len(qualities)
    rows = Rows(rng, setting.validation, count, setting)
    how: dict[str, Any] = {"correlation": setting.correlation, "deaths": np.zeros(count)}
    deviations = np.full(count, setting.deviation)
    found = rows.answers(seeded(rng, qualities, deviations, 1, **how), range(count))
    default = rows.answers(seeded(rng, qualities, deviations, SEEDS, **how), range(count))[-1]
    order = places_of(setting.validation, setting.validation)
    return found[:-1, 0][:, order], default[:, order].tolist()


def _is_one_lost(scores: Array, out: dict[int, float]) -> bool:
    """Whether fewer than three of those that were not raced out are as good as the third best of all."""
    third = np.sort(scores)[-FINALISTS]
    return sum(scores[one] >= third for one in range(scores.size) if one not in out) < FINALISTS or any(
        scores[one] > third for one in out
    )


def _row(setting: Setting, sweeps: int, seed: int) -> dict[str, Any]:
    key = f"{setting.label}/{setting.validation}"
    rng = np.random.default_rng((seed, zlib.crc32(key.encode())))
    found = [race_once(rng, setting) for _ in range(sweeps)]
    errors = [error for one in found for error in one.errors]
    measured = {
        "label": setting.label,
        "items": setting.validation,
        "sweeps": sweeps,
        "judged": round(float(np.mean([one.judged for one in found])), 4),
        "lost": round(float(np.mean([one.lost for one in found])), 4),
        "raced_out": round(len(errors) / (sweeps * setting.trials), 4),
        "bias": round(100 * float(np.mean(errors)), 2) if errors else None,
    }
    return measured | {"goals": _goals(measured, setting)}


def _goals(row: dict[str, Any], setting: Setting) -> dict[str, bool]:
    """A rate misses its goal if it does so by more than two standard errors."""
    goals = {"lost": row["lost"] <= MOST_LOST + 2 * sqrt(MOST_LOST * (1 - MOST_LOST) / row["sweeps"])}
    if setting.spread == SPREAD:
        goals["judged"] = row["judged"] <= MOST_JUDGED
    return goals


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """The lines as a table in Markdown: rates in %, the bias in points."""
    heads = ("trials", "rows", "searches", "raced out", "rows judged", "one of the best three lost", "score is off by")
    lines = (
        (
            row["label"],
            f"{row['items']:,}",
            f"{row['sweeps']:,}",
            *(f"{100 * row[name]:.1f}" for name in ("raced_out", "judged")),
            f"{100 * row['lost']:.2f}",
            "" if row["bias"] is None else f"{row['bias']:+.2f}",
        )
        for row in rows
    )
    aligned = ("---", *("---:",) * (len(heads) - 1))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, aligned, *lines])
