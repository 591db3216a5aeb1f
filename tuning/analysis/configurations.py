"""The configurations that a job has tried, each with all its runs, their item scores, and the noise of their seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tunix.statistics.unjudged import counted

from ..choices import TrialKind
from ..domain.selection.selection import Candidate, ranked_trials
from ..domain.selection.ties import ScoredTrial
from ..models import TuningJob, TuningTrial
from .best import candidate_of
from .guards import job_guards_of

if TYPE_CHECKING:
    from tunix.statistics.results import Scores
    from tunix.statistics.seed_noise import SeedNoise

SEEDED = frozenset({TrialKind.DEFAULT, TrialKind.CONFIRMATION, TrialKind.SEARCH})
"""Kinds that are judged on the rows of the search, and may have several seeds of a configuration."""

ItemScores = Mapping[int, "Scores"]


@dataclass(frozen=True)
class Configuration:
    """One that may win: the trial that stands for it with its mean value, and all its search trials."""

    candidate: Candidate
    trials: tuple[TuningTrial, ...]

    @property
    def value(self) -> float:
        return self.candidate.value or 0.0

    def scored(self, scores: ItemScores) -> ScoredTrial:
        """With the means of its runs on each item; of a run that is not judged nothing counts."""
        runs = [scores[trial.number] for trial in self.trials if scores.get(trial.number)]
        seconds = [trial.duration_seconds for trial in self.trials if trial.duration_seconds is not None]
        cost = fmean(seconds) if seconds else None
        return ScoredTrial(self.candidate.number, self.value, mean_of_items(runs), cost, max(1, len(runs)))


def ranked_configurations(job: TuningJob, trials: Iterable[TuningTrial]) -> list[Configuration]:
    """Those of the search that may win, best first, among trials that are known."""
    guards, by_slot = job_guards_of(job), dict[int | None, list[TuningTrial]]()
    searched = [trial for trial in trials if trial.kind == TrialKind.SEARCH]
    for trial in searched:
        by_slot.setdefault(trial.slot, []).append(trial)
    candidates = [candidate_of(trial, guards.disqualified(trial)) for trial in searched]
    ranked = ranked_trials(candidates, job.metric_mode)
    return [Configuration(one, tuple(by_slot[one.configuration])) for one in ranked]


def mean_of_items(runs: Sequence[Scores]) -> Scores:
    """The mean of each item over the runs that have a score of it; nothing for runs on different rows."""
    if len({len(run) for run in runs}) != 1:
        return []
    if len(runs) == 1:
        return runs[0]
    known = ([score for score in item if score is not None] for item in zip(*runs, strict=True))
    return [fmean(item) if item else None for item in known]


def seed_noise_of(trials: Iterable[TuningTrial], scores: ItemScores) -> SeedNoise | None:
    """What the seeds of the default, of replicates and of finalists show together; None where nothing has two seeds.

    A finalist's search trial is left out: it was chosen for a good seed.
    """
    from tunix.statistics.seed_noise import seed_noise

    seeds: dict[tuple[str, int | None], list[Scores]] = {}
    for trial in trials:
        found = scores.get(trial.number)
        if trial.kind in SEEDED and found and any(score is not None for score in found):
            of = trial.slot if trial.kind == TrialKind.SEARCH else trial.source_id
            seeds.setdefault((trial.kind, of), []).append(counted(found))
    several = [runs for runs in seeds.values() if len(runs) > 1]
    sizes = {len(run) for runs in several for run in runs}
    return seed_noise(several) if len(sizes) == 1 and sizes != {1} else None
