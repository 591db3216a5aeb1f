"""The scores that a judge gave each row, by trial."""

from __future__ import annotations

from collections.abc import Iterable

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.pipeline.judges import JUDGES

from ..choices import TrialStatus
from ..models import TuningJob, TuningTrial


def is_judged(job: TuningJob) -> bool:
    """Whether the job's metric is the score of a judge, which every row has, and no number of the training."""
    return job.metric_name in {"score_mean", *JUDGES}


def item_scores(trials: Iterable[TuningTrial]) -> list[list[float | None]]:
    """What the judge gave each row, a list for each trial that completed."""
    return list(scores_by_number(trials).values())


def item_groups(trials: Iterable[TuningTrial]) -> list[int] | None:
    """The group of each row that these trials were judged on; None if the rows have no groups. One query.

    All trials of one evaluation have the same rows at the same index, so those of one trial are those of all, unless
    it was raced out.
    """
    completed = [trial.run_id for trial in trials if trial.status == TrialStatus.COMPLETED and not trial.is_raced_out]
    verdicts = Evaluation.objects.filter(run__in=completed, own_lease=False, status=EvaluationStatus.COMPLETED)
    return verdicts.order_by("created_at", "id").values_list("item_groups", flat=True).first()


def scores_by_number(trials: Iterable[TuningTrial]) -> dict[int, list[float | None]]:
    """The same by the number of the trial, in the order given. One query."""
    completed = {trial.run_id: trial.number for trial in trials if trial.status == TrialStatus.COMPLETED}
    verdicts = Evaluation.objects.filter(run__in=completed, own_lease=False, status=EvaluationStatus.COMPLETED)
    by_run = dict(verdicts.values_list("run", "item_scores"))
    return {number: by_run[run] for run, number in completed.items() if run in by_run}
