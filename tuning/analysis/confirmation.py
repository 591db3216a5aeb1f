"""How far the confirmation of a job is: asked for, finalists chosen, winner known."""

from __future__ import annotations

from ..choices import TrialKind
from ..domain.selection.confirmation import rank, rank_by_metric
from ..domain.selection.controls import default_params, without_seed
from ..models import TuningJob, TuningTrial
from .guards import job_guards_of
from .scores import is_judged, item_scores


def is_confirming(job: TuningJob) -> bool:
    """Whether a confirmation is asked for that has not ended in a verdict yet."""
    return job.confirmation_round > (job.verdict.round if job.verdict else 0)


def has_finalists(job: TuningJob) -> bool:
    """Whether those of its latest confirmation have been chosen."""
    return job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).exists()


def is_default(job: TuningJob, trial: TuningTrial) -> bool:
    """Whether a trial's configuration is the default one, seeds aside."""
    default = default_params(job.space(), job.fixed_params_json)
    return without_seed(trial.params_json) == default


def winner_of(job: TuningJob) -> TuningTrial | None:
    """The finalist whose mean over the seeds of this confirmation is the best; None where none completed.

    A finalist of which a seed failed is ranked by the others. One of which a seed breaks a guard, or that is excluded,
    cannot win.
    """
    again = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).completed()
    again = again.filter(source__excluded_at__isnull=True)
    seeds: dict[int, list[TuningTrial]] = {}
    for trial in again.select_related("source").order_by("number"):
        seeds.setdefault(trial.source.number, []).append(trial)
    job_guards = job_guards_of(job)
    seeds = {number: trials for number, trials in seeds.items() if not any(map(job_guards.disqualified, trials))}
    if not seeds:
        return None
    if is_judged(job):
        ranked = rank({number: item_scores(trials) for number, trials in seeds.items()}, job.metric_mode)
    else:
        values = {number: [trial.metric_value for trial in trials] for number, trials in seeds.items()}
        ranked = rank_by_metric(values, job.metric_mode)
    return job.trials.get(number=ranked[0].number)
