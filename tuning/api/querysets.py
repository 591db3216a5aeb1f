"""Rows for the API, in a number of queries that does not grow with the rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.runs.models import TunixRun

from ..analysis.best import front_of
from ..analysis.guards import job_guards_of
from ..models import TrialMetric, TuningJob, TuningTrial


def jobs_with_best() -> QuerySet[TuningJob]:
    """Jobs with progress, and with the evaluations recorded with the best run in `best_run.verdicts`. Three queries."""
    verdicts = Evaluation.objects.filter(own_lease=False, status=EvaluationStatus.COMPLETED)
    runs = TunixRun.objects.only("id").prefetch_related(
        Prefetch("evaluations", verdicts.defer("item_scores", "item_groups", "metrics_json"), to_attr="verdicts")
    )
    return (
        TuningJob.objects.with_progress()
        .select_related("owner", "best_trial")
        .prefetch_related(Prefetch("best_run", runs))
        .order_by(*TuningJob._meta.ordering)  # a query that groups ignores the model's ordering
    )


def trial_context(job: TuningJob) -> dict[str, Any]:
    """What serializers of a job's trials need besides the rows. At most two queries, however many trials."""
    return {"guards": job_guards_of(job), "front": front_of(job)}


def trial_summaries() -> QuerySet[TuningTrial]:
    """Trials with `attempt_count`. One query."""
    return TuningTrial.objects.for_tables().defer("error").order_by("number")


def trials_with_attempts() -> QuerySet[TuningTrial]:
    """Trials with their attempts and intermediate values. Three queries."""
    curve = TrialMetric.objects.order_by("step", "name")
    return (
        TuningTrial.objects.for_tables()
        .select_related("run")
        .prefetch_related("attempts", Prefetch("attempts__metrics", curve))
    )
