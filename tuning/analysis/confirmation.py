"""How far the confirmation of a job is: asked for, finalists chosen, winner known."""

from __future__ import annotations

import math
from collections.abc import Mapping

from django.db.models import Q

from tunix.statistics.unjudged import worst_score

from ..choices import TrialKind, TrialStatus
from ..domain.selection.confirmation import Ranked, rank, rank_by_metric
from ..domain.selection.controls import default_params, without_seed
from ..models import TuningJob, TuningTrial
from .guards import job_guards_of
from .proof import DEAD
from .scores import is_judged, item_scores


def is_confirming(job: TuningJob) -> bool:
    """Whether a confirmation is asked for, or more seeds for the last one, that has not ended in a verdict yet."""
    if job.verdict is None:
        return job.confirmation_round > 0
    return (job.confirmation_round, job.asked_seeds) > (job.verdict.round, job.verdict.asked)


def has_finalists(job: TuningJob) -> bool:
    """Whether those of its latest confirmation have been chosen."""
    return job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).exists()


def is_default(job: TuningJob, trial: TuningTrial) -> bool:
    """Whether a trial's configuration is the default one, seeds aside."""
    default = default_params(job.space(), job.fixed_params_json)
    return without_seed(trial.params_json) == default


def winner_of(job: TuningJob) -> TuningTrial | None:
    """The finalist whose mean over the seeds of this confirmation is the best; None where none completed.

    A finalist of which a machine's fault ended a seed is ranked by the others; a seed that diverged counts with the
    worst score. One that breaks a guard, by the mean of all its runs, or that is excluded, cannot win.
    """
    again = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round)
    ended = again.filter(source__excluded_at__isnull=True).filter(Q(status=TrialStatus.COMPLETED) | DIVERGED)
    seeds: dict[int, list[TuningTrial]] = {}
    for trial in ended.select_related("source").order_by("number"):
        seeds.setdefault(trial.source.number, []).append(trial)
    job_guards = job_guards_of(job)
    seeds = {
        number: trials
        for number, trials in seeds.items()
        if any(map(_is_completed, trials)) and not any(map(job_guards.disqualified, trials))
    }
    if not seeds:
        return None
    return job.trials.get(number=(_ranked_by_score if is_judged(job) else _ranked_by_metric)(job, seeds)[0].number)


DIVERGED = Q(status=TrialStatus.FAILED, reason__in=DEAD)


def _is_completed(trial: TuningTrial) -> bool:
    return trial.status == TrialStatus.COMPLETED


def _ranked_by_score(job: TuningJob, seeds: Mapping[int, list[TuningTrial]]) -> list[Ranked]:
    scores = {number: item_scores(trials) for number, trials in seeds.items()}
    items = next(len(one) for rows in scores.values() for one in rows)
    worst: list[float | None] = [worst_score(job.metric_mode)] * items
    for number, trials in seeds.items():
        scores[number] += [worst] * sum(not _is_completed(trial) for trial in trials)
    return rank(scores, job.metric_mode)


def _ranked_by_metric(job: TuningJob, seeds: Mapping[int, list[TuningTrial]]) -> list[Ranked]:
    worst = -math.inf if job.metric_mode == "max" else math.inf
    values = {
        number: [worst if trial.metric_value is None else trial.metric_value for trial in trials]
        for number, trials in seeds.items()
    }
    return rank_by_metric(values, job.metric_mode)
