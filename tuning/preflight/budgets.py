"""What ends a job early, in words, before it starts."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.selection.budgets import BUDGET_PATH
from ..models import TuningJob
from .findings import Finding, ok


def check_budgets(job: TuningJob) -> Iterator[Finding]:
    """The limits that are set. Limits that can end nothing are reported as warnings of the definition."""
    target, patience = job.budget.target_value, job.budget.no_improvement_trials
    if job.share_of_failures:
        allowed = f"{job.max_failed_trials} trials may fail ({job.share_of_failures})."
        yield ok(f"{BUDGET_PATH}.max_failed_trials", allowed)
    if target is not None:
        word = "at least" if job.metric_mode == "max" else "at most"
        sentence = f"The search ends with the first trial whose {job.metric_name} is {word} {target:g}."
        yield ok(f"{BUDGET_PATH}.target_value", sentence)
    if patience is not None:
        sentence = f"The search ends after {patience:,} completed trials in a row without a new best."
        yield ok(f"{BUDGET_PATH}.no_improvement_trials", sentence)
