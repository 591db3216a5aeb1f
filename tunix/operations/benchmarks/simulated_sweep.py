"""One simulated sweep through the real selection: search, finalists, rank, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from tuning.domain.selection.confirmation import FINALISTS, SEEDS, Verdict, finalists, rank, verdict
from tuning.domain.selection.selection import Candidate, best_trial
from tunix.statistics.paired import compare_items
from tunix.statistics.results import Scores

from .simulated import BASE, Array, Items, Setting


@dataclass(frozen=True)
class Swept:
    """The results of one sweep and the truth. `reused`: the verdict if the ranking seeds also served as proof."""

    best_value: float
    best_truth: float
    best_called_better: bool
    winner_truth: float
    verdict: Verdict
    reused: Verdict


def sweep_once(rng: np.random.Generator, setting: Setting) -> Swept:
    """1. Search: one seed per trial and one for the default, on validation items.

    2. Confirm: the finalists, each with fresh seeds on validation; the first is the winner.
    3. Prove: winner and default with further seeds on test items. For comparison, the ranking seeds on these items too.
    """
    qualities = setting.qualities
    validation = Items(rng, setting.items)
    hardness = validation.configurations(setting.trials + 1)
    found = validation.answers(hardness, _seeded(rng, np.append(qualities, BASE), 1, setting))[:, 0]
    candidates = [Candidate(number, float(row.mean())) for number, row in enumerate(found[:-1])]
    best = cast(Candidate, best_trial(candidates, "max"))

    chosen = [candidate.number for candidate in finalists(candidates, FINALISTS, "max")]
    ranking = _seeded(rng, qualities[chosen], SEEDS, setting)
    answers = validation.answers(hardness[chosen], ranking)
    winner = rank({number: _rows(table) for number, table in zip(chosen, answers, strict=True)})[0].number

    proving = _seeded(rng, np.array([qualities[winner], BASE]), SEEDS, setting)
    scores = np.concatenate([proving, ranking[[chosen.index(winner)]]])
    test = Items(rng, setting.items)
    ours, default = test.configurations(2)
    proven, defaults, reused = test.answers(np.stack([ours, default, ours]), scores)
    return Swept(
        best_value=float(cast(float, best.value)),
        best_truth=float(qualities[best.number]),
        best_called_better=_called_better(found[best.number], found[-1]),
        winner_truth=float(qualities[winner]),
        verdict=verdict(_rows(proven), _rows(defaults)),
        reused=verdict(_rows(reused), _rows(defaults)),
    )


def _seeded(rng: np.random.Generator, qualities: Array, seeds: int, setting: Setting) -> Array:
    """The true score of each run: that of its configuration, shifted by its seed."""
    shifts = setting.deviation * rng.standard_normal((len(qualities), seeds))
    return np.clip(qualities[:, None] + shifts, 0.01, 0.99)


def _rows(table: Array) -> Sequence[Scores]:
    return cast(Any, list(table))


def _called_better(best: Array, default: Array) -> bool:
    """Whether a test of two single runs would call the best of the search better than the default."""
    compared = compare_items(cast(Any, best), cast(Any, default))
    return compared.p < 0.05 and compared.difference > 0
