"""The template contexts of a job's page and its fragments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tunix.evaluation.access_to_test_set import accesses_to_test_set
from tunix.pages.lists import ordered_page, page_of

from ..analysis.best import Front, front_of
from ..analysis.compilations import compilations_sentence
from ..analysis.confirmation import is_confirming
from ..analysis.early_stopping import saved_sentence
from ..analysis.guards import job_guards_of, why_ended_without_best
from ..analysis.judging import judge_usage
from ..analysis.standings import standings_of
from ..analysis.trial_columns import Place, columns_of, orderings_of
from ..choices import LIVE_JOB_STATUSES, JobStatus
from ..filters import TuningTrialFilter
from ..models import TuningJob
from ..services.promote import promotion_context
from .actions import job_actions
from .charts import front_figure, history_figure
from .trial_rows import trial_rows

TRIALS_A_PAGE = 25


def progress_context(job: TuningJob, user: Any) -> dict[str, Any]:
    """State, counts, time, best so far and buttons of a job from `with_progress()`."""
    trial = job.best_trial
    verdicts = job.best_run.evaluations.recorded_with_run() if job.best_run else None
    return {
        "job": job,
        "is_polling": is_polling(job),
        "actions": job_actions(job, user),
        "seconds_left": seconds_left(job),
        "heartbeat_age": heartbeat_age(job),
        "best_trial": trial,
        "best_evaluation": verdicts.defer("item_scores", "item_groups").first() if verdicts is not None else None,
        "max_seconds": job.budget.max_seconds,
        "verdict": job.verdict,
        "standing": standings_of(job),
        "is_confirming": is_confirming(job),
        "test_set_accesses": accesses_to_test_set(job.dataset) if job.verdict else 0,
        "saved_steps": saved_sentence(job),
        "compilations": compilations_sentence(job),
        "judge_usage": judge_usage(job),
        "max_judge_cost": job.budget.max_judge_cost,
        "guards": job_guards_of(job).described(),
        "why_no_best": why_ended_without_best(job),
        **promotion_context(job),
    }


def is_polling(job: TuningJob) -> bool:
    """Whether the page polls."""
    return job.status in LIVE_JOB_STATUSES


def seconds_left(job: TuningJob) -> float | None:
    """Expected seconds to the end, by the mean duration of the trials that ended; None if no trial has ended."""
    if job.status != JobStatus.RUNNING or job.started_at is None:
        return None
    ended, seconds = job.trials.search().ended().count_and_seconds()
    if ended == 0:
        return None
    waiting = 0 if job.ended_early else max(0, job.num_samples - ended)
    by_trials = waiting * seconds / ended / job.max_concurrent_trials
    limit = job.budget.max_seconds
    return by_trials if limit is None else max(0.0, min(by_trials, limit - (job.elapsed_seconds or 0.0)))


def heartbeat_age(job: TuningJob) -> float | None:
    """Seconds since the runner was last heard of; None unless the job runs."""
    if job.status != JobStatus.RUNNING or job.heartbeat_at is None:
        return None
    return max(0.0, (timezone.now() - job.heartbeat_at).total_seconds())


def trials_context(job: TuningJob, query: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the trials as `query` filters and sorts them, with their columns, and the chart of all."""
    asked = str(query.get("ordering", ""))
    trials = job.trials.for_tables()
    filtered = TuningTrialFilter(query, queryset=trials)
    rows = ordered_page(filtered.qs, asked, orderings_of(job), "number") if filtered.is_valid() else trials.none()
    front = front_of(job)
    page, job_guards = page_of(rows, TRIALS_A_PAGE, query.get("page")), job_guards_of(job)
    columns = columns_of(job, Place.PAGE)
    return {
        "job": job,
        "is_polling": is_polling(job),
        "disqualified": {trial.number: job_guards.disqualified(trial) for trial in page},
        "filter": filtered,
        "is_filtered": any(query.get(name) for name in filtered.filters),
        "ordering": asked or "number",
        "columns": columns,
        "rows": trial_rows(page, columns),
        "front": front.numbers,
        "front_figure": front_figure_of(job, front),
        "page": page,
        "figure": figure_of(job),
    }


def front_figure_of(job: TuningJob, front: Front) -> dict[str, Any] | None:
    """The first two objectives of the trials as a Plotly figure; None where there is one objective."""
    if len(front.objectives) == 1:
        return None
    metrics = [objective.metric for objective in front.objectives[:2]]
    completed = job.trials.search().completed().counting()
    points = [
        (trial.number, *(front.values(trial)[name] for name in metrics)) for trial in completed.defer("sampler_state")
    ]
    known = [(number, x, y) for number, x, y in points if x is not None and y is not None]
    return front_figure(known, front.numbers, metrics, is_line=len(front.objectives) == 2)


def figure_of(job: TuningJob) -> dict[str, Any] | None:
    """The history of the job's trials as a Plotly figure, without those that are excluded."""
    searched = job.trials.search().counting().order_by("number")
    scored = searched.completed().filter(metric_value__isnull=False)
    points = list(scored.values_list("number", "metric_value", "judged_rows"))
    job_guards = job_guards_of(job)
    disqualified = [trial.number for trial in scored if job_guards.disqualified(trial)] if job_guards.guards else []
    disqualified += [number for number, _, judged_rows in points if judged_rows is not None]
    failed = searched.failed()
    return history_figure(
        [(number, value) for number, value, _ in points],
        list(failed.values_list("number", flat=True)),
        job.metric_name,
        job.metric_mode,
        disqualified,
    )
