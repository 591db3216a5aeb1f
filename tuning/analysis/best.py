"""The best trial of a job, and its Pareto front: chosen by the functions of the domain over the ledger's rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..choices import TrialKind
from ..domain.selection.objectives import Objective
from ..domain.selection.pareto import pareto_front
from ..domain.selection.selection import Candidate, best_trial
from ..models import TuningJob, TuningTrial
from .guards import JobGuards, job_guards_of


def candidate_of(trial: TuningTrial, disqualified: str = "") -> Candidate:
    """A trial as selection sees it; `disqualified` says why its guards keep it from winning."""
    return Candidate(
        number=trial.number,
        value=trial.metric_value,
        status=trial.status,
        reason=trial.reason,
        error=trial.error,
        worker=getattr(trial, "worker", ""),
        disqualified=disqualified,
        excluded=trial.is_excluded,
        raced_out=trial.is_raced_out,
        configuration=trial.slot,
    )


def candidates_of(job: TuningJob, trials: Iterable[TuningTrial]) -> list[Candidate]:
    """Trials as selection sees them; those that break a guard are disqualified."""
    job_guards = job_guards_of(job)
    return [candidate_of(trial, job_guards.disqualified(trial)) for trial in trials]


@dataclass(frozen=True)
class Best:
    """The best configuration of a search: the trial that stands for it, and the mean value of its `runs`."""

    trial: TuningTrial
    value: float
    runs: int = 1


def choose_best(job: TuningJob) -> Best | None:
    """The best over all rows of the ledger, by the mean of its replicates."""
    completed = job.trials.search().completed().defer("sampler_state")
    return best_among(completed, job_guards_of(job), job.metric_mode)


def best_among(trials: Iterable[TuningTrial], job_guards: JobGuards, mode: str) -> Best | None:
    """The same among trials that are known: only completed search trials can be the best."""
    known = {trial.number: trial for trial in trials if trial.kind == TrialKind.SEARCH}
    candidates = (candidate_of(trial, job_guards.disqualified(trial)) for trial in known.values())
    best = best_trial(candidates, mode)
    return None if best is None or best.value is None else Best(known[best.number], best.value, best.runs)


@dataclass(frozen=True)
class Front:
    """The objectives of a job, and the numbers of the trials on its Pareto front: none where it has one objective."""

    objectives: tuple[Objective, ...] = ()
    numbers: tuple[int, ...] = ()

    def values(self, trial: TuningTrial) -> dict[str, float | None]:
        """What a trial reached in each objective, the first one first."""
        first, *further = self.objectives
        return {first.metric: trial.metric_value} | {one.metric: trial.values_json.get(one.metric) for one in further}


def front_of(job: TuningJob) -> Front:
    """Two queries at most; none for a job with one objective."""
    if not job.objectives_json:
        return Front(job.objectives)
    completed = job.trials.search().completed().defer("sampler_state")
    return Front(job.objectives, tuple(numbers_on_front(job, completed, job_guards_of(job))))


def numbers_on_front(job: TuningJob, trials: Iterable[TuningTrial], job_guards: JobGuards) -> list[int]:
    """Chosen among search trials that are known."""
    if not job.objectives_json:
        return []
    known = list(trials)
    further = {trial.number: [trial.values_json.get(one.metric) for one in job.further_objectives] for trial in known}
    candidates = (candidate_of(trial, job_guards.disqualified(trial)) for trial in known)
    return pareto_front(candidates, further, [objective.mode for objective in job.objectives])
