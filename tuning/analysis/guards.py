"""The guards of a job, applied to the scores of its trials. Only scores are stored: who is disqualified is computed.

The mean of the default configuration changes with each default trial that ends or runs again, so a stored answer
would have to be corrected each time (docs/decisions/0006-guards-are-computed.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunix.datasets.models import Dataset
from tunix.pipeline.spec import DatasetRef, GuardSpec, RunResult

from ..choices import TrialKind, TrialStatus
from ..domain.selection.guards import Breach, Guard, broken_guards, mean_scores
from ..models import TuningJob, TuningTrial

JUDGED_BY_GUARDS = frozenset({TrialKind.SEARCH, TrialKind.CONFIRMATION})
"""Trials that can win, or decide who wins. Controls are scored for comparison only, held-out trials not at all."""


@dataclass(frozen=True)
class JobGuards:
    """The guards of a job, with the mean score of its default configuration on each; None before it has one.

    `runs` has the scores of all completed runs of each searched configuration, by its slot: replicates, and fresh seeds
    of confirmations. `slots` has the slot of each search trial by its key.
    """

    guards: tuple[Guard, ...] = ()
    default_scores: tuple[float | None, ...] = ()
    runs: Mapping[int | None, Sequence[Sequence[float | None]]] = field(default_factory=dict)
    slots: Mapping[int, int | None] = field(default_factory=dict)

    def breaches(self, trial: TuningTrial) -> list[Breach]:
        """The guards that a completed trial's configuration breaks; none for a kind that guards do not apply to."""
        if trial.kind not in JUDGED_BY_GUARDS or trial.status != TrialStatus.COMPLETED:
            return []
        return broken_guards(self.guards, self.runs_of(trial), self.default_scores)

    def runs_of(self, trial: TuningTrial) -> Sequence[Sequence[float | None]]:
        """The scores of all runs of a trial's configuration; its own alone where none of them counts."""
        is_judged = trial.kind in JUDGED_BY_GUARDS
        return (self.runs.get(_slot_of(trial, self.slots)) if is_judged else None) or [self.scores(trial)]

    def disqualified(self, trial: TuningTrial) -> str:
        """Why a trial cannot win, in sentences; empty where it may."""
        return " ".join(map(str, self.breaches(trial)))

    def scores(self, trial: TuningTrial) -> list[float | None]:
        """The trial's score on each guard."""
        return _scores(self.guards, trial.guards_json)

    def readings(self, trial: TuningTrial) -> list[dict[str, Any]]:
        """Each guard with the trial's score, the default's, and what was lost, for pages and the API.

        `mean_score` is that of all `runs` of its configuration, which decides. Empty for a trial that has not been
        scored on guards.
        """
        if not trial.guards_json:
            return []
        broken = {breach.guard for breach in self.breaches(trial)}
        runs, own = self.runs_of(trial), self.scores(trial)
        readings = []
        for index, (guard, mean) in enumerate(zip(self.guards, mean_scores(self.guards, runs), strict=True)):
            default = self.default_scores[index]
            drop = None if mean is None or default is None else default - mean
            about = {"dataset": guard.dataset, "judge": guard.evaluation.judge, "split": guard.evaluation.split}
            scores = {"score": own[index], "mean_score": mean, "runs": len(runs), "default_score": default}
            readings.append(about | scores | {"drop": drop, "max_drop": guard.max_drop, "broken": guard in broken})
        return readings

    def described(self) -> list[dict[str, Any]]:
        """Each guard, with the default's score and the lowest that is allowed."""
        described = []
        for guard, default in zip(self.guards, self.default_scores, strict=True):
            lowest = None if default is None else max(0.0, default - guard.max_drop)
            described.append(guard.to_json() | {"default_score": default, "lowest": lowest})
        return described


def job_guards_of(job: TuningJob) -> JobGuards:
    """One query; none for a job without guards."""
    if not job.guards_json:
        return JobGuards()
    scored = job.trials.completed().filter(kind__in=[TrialKind.DEFAULT, *JUDGED_BY_GUARDS])
    return job_guards(job, scored.only("job", "kind", "slot", "source", "status", "guards_json", "excluded_at"))


def job_guards(job: TuningJob, trials: Iterable[TuningTrial]) -> JobGuards:
    """The same from trials that are known: all of the job that completed."""
    if not job.guards_json:
        return JobGuards()
    guards, completed = job.guards, [trial for trial in trials if trial.status == TrialStatus.COMPLETED]
    defaults = [_scores(guards, trial.guards_json) for trial in completed if trial.kind == TrialKind.DEFAULT]
    slots = {trial.pk: trial.slot for trial in completed if trial.kind == TrialKind.SEARCH}
    runs: dict[int | None, list[list[float | None]]] = {}
    for trial in completed:
        if trial.kind in JUDGED_BY_GUARDS and not trial.is_excluded:
            runs.setdefault(_slot_of(trial, slots), []).append(_scores(guards, trial.guards_json))
    return JobGuards(guards, tuple(mean_scores(guards, defaults)), runs, slots)


def why_no_best(job: TuningJob) -> str | None:
    """Why a job has no best trial though some completed, in a sentence; None where one of those may win."""
    if not job.guards_json and not job.trials_version:  # no trial was excluded
        return None
    completed = list(job.trials.search().completed())
    counting = [trial for trial in completed if not trial.is_excluded]
    if completed and not counting:
        return f"No trial can win: {_those_of(completed, 'is excluded', 'are excluded')}."
    judged = [trial for trial in counting if not trial.is_raced_out]
    if counting and not judged:
        out = "the one that counts was" if len(counting) == 1 else f"all {len(counting)} that count were"
        return f"No trial can win: {out} raced out. Clone the job without racing to judge all rows."
    return _why_guards_disqualify(job, judged) if judged and job.guards_json else None


def _why_guards_disqualify(job: TuningJob, completed: Sequence[TuningTrial]) -> str | None:
    job_guards = job_guards_of(job)
    if not all(job_guards.disqualified(trial) for trial in completed):
        return None
    known = zip(job_guards.guards, job_guards.default_scores, strict=True)
    if lacking := [str(guard) for guard, score in known if score is None]:
        which = ", ".join(lacking)
        return f"No trial can win: the default configuration has no score on {which}, so no loss is known."
    return f"No trial can win: {_those_of(completed, 'breaks a guard', 'break a guard')}."


def _those_of(completed: Sequence[TuningTrial], one: str, several: str) -> str:
    """What all of them do, in words."""
    count = len(completed)
    return f"the one that completed {one}" if count == 1 else f"all {count} that completed {several}"


def why_ended_without_best(job: TuningJob) -> str | None:
    """The same for pages and the API: None while the job may still find one."""
    return None if job.best_run_id or job.is_live else why_no_best(job)


def stored_scores(result: RunResult) -> list[dict[str, Any]]:
    """The scores on guards as a trial stores them, in their order; scores of single items stay in the run's folder."""
    return [
        {
            "dataset": guard.dataset.key,
            "judge": guard.verdict.judge,
            "judge_version": guard.verdict.judge_version,
            "split": guard.verdict.split,
            "items": guard.verdict.items,
            "score": guard.verdict.score_mean,
        }
        for guard in result.guards
    ]


def guards_of_another_version(job: TuningJob, result: RunResult) -> str | None:
    """Why a result's scores on guards are not comparable with those of earlier trials; None where they are."""
    before = job.trials.completed().exclude(guards_json=[]).in_order_of_end()
    first = before.first() if result.guards else None
    for known, now in zip(first.guards_json if first else [], stored_scores(result), strict=False):
        if known["judge_version"] != now["judge_version"]:
            return (
                f"On the guard {now['dataset']} it was judged by version {now['judge_version']} of {now['judge']}, and "
                f"earlier trials by version {known['judge_version']}: the scores are not comparable."
            )
    return None


def guard_specs(job: TuningJob, kind: str) -> list[GuardSpec]:
    """The guards that a run of a trial of this kind is scored on. Held-out runs choose nothing, so they have none."""
    if not job.guards_json or kind == TrialKind.HELD_OUT:
        return []
    guards = job.guards
    keys = {guard.dataset for guard in guards}
    versions = dict(Dataset.objects.filter(key__in=keys).values_list("key", "version"))
    return [
        GuardSpec(dataset=DatasetRef(key=guard.dataset, version=versions[guard.dataset]), evaluation=guard.evaluation)
        for guard in guards
    ]


def _slot_of(trial: TuningTrial, slots: Mapping[int, int | None]) -> int | None:
    """The slot that proposed a trial's configuration: its own, or that of the trial that it trains again."""
    return trial.slot if trial.kind == TrialKind.SEARCH else slots.get(trial.source_id)


def _scores(guards: Sequence[Guard], stored: Sequence[dict[str, Any]]) -> list[float | None]:
    return [row["score"] for row in stored] if len(stored) == len(guards) else [None] * len(guards)
