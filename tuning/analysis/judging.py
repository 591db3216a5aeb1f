"""What judging a job has cost so far, the noise of its judge, and whether all trials had the same judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import FloatField, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from tunix.evaluation.models import Evaluation
from tunix.pipeline.spec import JudgeResult, Usage
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun

from ..choices import TrialKind, TrialStatus
from ..domain.job_sections import asks_a_service
from ..models import TuningJob, TuningTrial


@dataclass(frozen=True)
class JudgeNoise:
    """The standard deviation of a mean score that the judge alone causes; None where judging twice did not end.

    `trial` is the number of the trial whose outputs were judged twice, if any were.
    """

    value: float | None
    trial: int | None = None


def judge_usage(job: TuningJob) -> Usage | None:
    """What judges used of services for this job: in every execution of a trial, and in judging those runs again."""
    runs = _sums(TunixRun.objects.filter(attempt__trial__job=job), "judge_usage_json")
    again = _sums(Evaluation.objects.filter(run__attempt__trial__job=job, own_lease=True), "usage_json")
    if all(value is None for value in (*runs.values(), *again.values())):
        return None
    sums = {name: (runs[name] or 0) + (again[name] or 0) for name in Usage.model_fields}
    return Usage(cost=sums.pop("cost"), **{name: round(value) for name, value in sums.items()})


def judge_cost_left(job: TuningJob) -> float | None:
    """What judging may still cost, 0 or more; None where there is no limit."""
    limit = job.budget.max_judge_cost
    if limit is None:
        return None
    usage = judge_usage(job)
    return max(0.0, limit - (usage.cost if usage else 0.0))


def is_judged_twice(job: TuningJob, trial: TuningTrial) -> bool:
    """Whether the outputs of the trial's next execution are judged a second time.

    For a judge that calls a service this is done for the first default or search trial that completes. Other judges
    are deterministic.
    """
    if trial.kind not in (TrialKind.DEFAULT, TrialKind.SEARCH) or not asks_a_service(job.evaluation.judge):
        return False
    twice = TunixRun.objects.filter(attempt__trial__job=job, config_json__judge_twice=True)
    return not twice.filter(status__in=[RunStatus.RUNNING, RunStatus.COMPLETED]).exists()


def judge_noise_of(job: TuningJob) -> JudgeNoise | None:
    """How far the job's judge disagrees with itself; None while no outputs have been judged twice."""
    if not asks_a_service(job.evaluation.judge):
        return JudgeNoise(0.0)
    verdicts = Evaluation.objects.filter(run__trial__job=job, run__config_json__judge_twice=True, own_lease=False)
    found = verdicts.order_by("created_at", "id").values_list("judge_noise", "run__trial__number").first()
    return JudgeNoise(*found) if found else None


def judge_version_of(job: TuningJob) -> str | None:
    """The version of the job's judge that judged its completed trials; None if there are none."""
    judged = Evaluation.objects.filter(
        run__trial__job=job, run__trial__status=TrialStatus.COMPLETED, own_lease=False, judge=job.evaluation.judge
    )
    return judged.order_by("created_at", "id").values_list("judge_version", flat=True).first()


def judge_of_another_version(job: TuningJob, verdict: JudgeResult | None) -> str | None:
    """Why a judge's result is not comparable with those of the completed trials of its job; None where it is."""
    if verdict is None:
        return None
    known = judge_version_of(job)
    if known in (None, verdict.judge_version):
        return None
    return (
        f"It was judged by version {verdict.judge_version} of {verdict.judge}, and earlier trials by version "
        f"{known}: the scores are not comparable. Clone the job to judge all its trials by one version."
    )


def _sums(rows: QuerySet[Any], column: str) -> dict[str, float | None]:
    """The sum of each number of a usage over rows; None where none has it."""
    numbers = {name: Sum(Cast(KeyTextTransform(name, column), FloatField())) for name in Usage.model_fields}
    return rows.filter(**{f"{column}__isnull": False}).order_by().aggregate(**numbers)
