"""Which budget of a job ends it or its search.

Computed each time a trial is requested, because budgets may change while the job runs.
"""

from __future__ import annotations

from ..domain.selection.budgets import Stop, search_stop
from ..models import TuningJob
from .best import candidates_of
from .judging import judge_cost_left, judge_usage

USED_UP = "search_space"
"""The name, in place of a budget's, for a search that has nothing new left to try."""


def stop_of_job(job: TuningJob) -> Stop | None:
    """The budget that starts no more trials, of the search or of its confirmation."""
    limit = job.budget.max_seconds
    if limit is not None and (job.elapsed_seconds or 0.0) >= limit:
        return Stop("max_seconds", "job", f"the budget of {limit} seconds is used up")
    left = judge_cost_left(job)
    if left is not None and left <= 0:
        usage, limit = judge_usage(job), job.budget.max_judge_cost
        spent = f": judging has cost {usage.cost:g}" if usage else ""
        return Stop("max_judge_cost", "job", f"the budget of {limit:g} for the judge is used up{spent}")
    return None


def stop_of_search(job: TuningJob) -> Stop | None:
    """The budget that ends the search. No query where none could."""
    budget = job.budget
    if budget.target_value is None and budget.no_improvement_trials is None:
        return None
    completed = job.trials.search().completed()
    ended = candidates_of(job, completed.in_order_of_end())
    return search_stop(ended, budget, job.metric_name, job.metric_mode, job.replicates)


def is_used_up(job: TuningJob) -> bool:
    """Whether the sampler has nothing new to propose. Enqueued configurations can still run."""
    return job.ended_early is not None and job.ended_early.budget == USED_UP


def is_ended_early(job: TuningJob, scope: str) -> bool:
    """Whether a budget has ended the search, or the job (`scope`)."""
    return job.ended_early is not None and job.ended_early.scope == scope


def why_ended_early(job: TuningJob) -> str | None:
    """Which budget ended the search or the job, in a clause; None where none has."""
    return job.ended_early.detail if job.ended_early else None
