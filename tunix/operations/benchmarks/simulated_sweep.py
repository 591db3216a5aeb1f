"""One simulated job through the real selection: controls, search, finalists, rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from tuning.domain.selection.confirmation import FINALISTS, SEEDS, finalists, rank
from tuning.domain.selection.selection import Candidate
from tunix.statistics.results import Scores

from .simulated import Array, Rows, Seeds, qualities_of, seeded
from .worlds import BASE, Setting


@dataclass(frozen=True)
class Job:
    """The truth about a job's configurations, the default last, its rows, and the answers of its search."""

    setting: Setting
    qualities: Array
    deviations: Array
    validation: Rows
    test: Rows
    found: Array

    @property
    def default(self) -> int:
        """The number of the default configuration."""
        return len(self.qualities) - 1

    def seeds(self, rng: np.random.Generator, configurations: Sequence[int], count: int) -> Seeds:
        """Runs of these configurations with `count` fresh seeds, the same for all."""
        chosen = list(configurations)
        return seeded(rng, self.qualities[chosen], self.deviations[chosen], count, self.setting.correlation)

    def candidates(self) -> list[Candidate]:
        """The trials of the search as selection sees them."""
        return [Candidate(number, float(answers.mean())) for number, answers in enumerate(self.found)]


@dataclass(frozen=True)
class Ranking:
    """The winner, and the answers of winner and default on validation with the seeds of the ranking."""

    winner: int
    ours: Array
    default: Array


def search_once(rng: np.random.Generator, setting: Setting) -> Job:
    """A job whose trials have each been trained with one seed, the same for all, and judged on validation rows."""
    qualities = np.append(qualities_of(rng, setting), BASE)
    deviations = np.full(len(qualities), setting.deviation)
    if setting.default_deviation is not None:
        deviations[-1] = setting.default_deviation
    validation = Rows(rng, setting.validation, len(qualities), setting)
    every = np.arange(len(qualities))
    found = validation.answers(seeded(rng, qualities, deviations, 1, setting.correlation), every)[:-1, 0]
    test = Rows(rng, setting.file_rows if setting.sorted_rows else setting.items, len(qualities), setting)
    return Job(setting, qualities, deviations, validation, test, found)


def rank_once(rng: np.random.Generator, job: Job) -> Ranking:
    """The default and the finalists, each with the same fresh seeds on validation; the first finalist is the winner."""
    chosen = [candidate.number for candidate in finalists(job.candidates(), FINALISTS, "max")]
    again = [*chosen, job.default]
    answers = job.validation.answers(job.seeds(rng, again, SEEDS), again)
    winner = rank({number: as_scores(table) for number, table in zip(chosen, answers, strict=False)})[0].number
    return Ranking(winner, answers[chosen.index(winner)], answers[-1])


def as_scores(table: Array) -> Sequence[Scores]:
    """The answers of several seeds as the product takes them."""
    return cast(Any, list(table))
