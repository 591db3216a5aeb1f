"""One simulated job through the real selection: controls, search, finalists, rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from tuning.domain.selection.confirmation import FINALISTS, SEEDS, finalists, rank
from tuning.domain.selection.evidence import ProofRun
from tuning.domain.selection.selection import Candidate
from tunix.statistics.unjudged import counted

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
        chosen, setting = list(configurations), self.setting
        deaths = np.where(np.array(chosen) == self.default, 0.0, setting.deaths)
        qualities, deviations = self.qualities[chosen], self.deviations[chosen]
        return seeded(rng, qualities, deviations, count, correlation=setting.correlation, deaths=deaths)

    def candidates(self) -> list[Candidate]:
        """The trials of the search as selection sees them."""
        return [Candidate(number, float(answers.mean())) for number, answers in enumerate(self.found)]


@dataclass(frozen=True)
class Ranking:
    """The winner, its runs on validation, and those of the default, of which the first ranking has the seeds.

    `finalists`: the runs of all finalists, best of the search first.
    """

    winner: int
    runs: list[ProofRun]
    controls: list[ProofRun]
    finalists: list[list[ProofRun]]


def search_once(rng: np.random.Generator, setting: Setting) -> Job:
    """A job whose trials have each been trained with one seed, the same for all, and judged on validation rows."""
    qualities = np.append(qualities_of(rng, setting), BASE)
    deviations = np.full(len(qualities), setting.deviation)
    if setting.default_deviation is not None:
        deviations[-1] = setting.default_deviation
    validation = Rows(rng, setting.validation, len(qualities), setting)
    test = Rows(rng, setting.file_rows if setting.sorted_rows else setting.items, len(qualities), setting)
    job = Job(setting, qualities, deviations, validation, test, np.empty(0))
    every = range(setting.trials)
    return replace(job, found=validation.answers(job.seeds(rng, every, 1), every)[:, 0])


def rank_once(rng: np.random.Generator, job: Job, controls: list[ProofRun] | None = None) -> Ranking:
    """The finalists with fresh seeds on validation; the best of them is the winner.

    The default is trained with the same seeds if there are no `controls` yet.
    """
    chosen = [candidate.number for candidate in finalists(job.candidates(), FINALISTS, "max")]
    again = [*chosen, job.default]
    trained = job.seeds(rng, again, SEEDS)
    *runs, default = runs_of(trained, job.validation.answers(trained, again), first=0 if controls is None else SEEDS)
    scores = {number: [run.scores for run in side if run.scores] for number, side in zip(chosen, runs, strict=True)}
    alive = {number: seeds for number, seeds in scores.items() if seeds}
    winner = rank(alive)[0].number if alive else chosen[0]
    return Ranking(winner, runs[chosen.index(winner)], default if controls is None else controls, runs)


def runs_of(seeds: Seeds, answers: Array, first: int = 0) -> list[list[ProofRun]]:
    """The runs of each configuration, as the product knows them, with seeds from `first` on."""
    return [
        [ProofRun(seed, None if dead else scores, bool(dead)) for seed, (dead, scores) in enumerate(runs, first)]
        for runs in (zip(*pair, strict=True) for pair in zip(seeds.dead, answers.tolist(), strict=True))
    ]


def mean_of(run: ProofRun) -> float:
    """The score of a run; 0 for one that diverged."""
    return fmean(counted(run.scores)) if run.scores else 0.0
