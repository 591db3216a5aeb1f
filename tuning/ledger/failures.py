"""When the failures of its trials make a job fail."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis.best import candidate_of
from ..domain.selection.selection import Candidate, stop_reason
from ..models import TuningJob, TuningTrial
from .quarantine import last_worker


def failed_trials(job: TuningJob) -> list[TuningTrial]:
    """Of every kind, in the order of their numbers: few, since a limit ends the job. One query."""
    return list(job.trials.failed().only("number", "reason", "error", "excluded_at").order_by("number"))


def failure_of(job: TuningJob, failed: Sequence[TuningTrial]) -> str:
    """Why the job must fail by its trials, or an empty string: the rule is `selection.stop_reason`.

    `failed` are its failed trials. No query where there are none.
    """
    if not failed:
        return ""
    return stop_reason(ended_trials(job), job.max_failed_trials, job.share_of_failures) or ""


def ended_trials(job: TuningJob) -> list[Candidate]:
    """The search trials that completed, failed or were stopped early, in the order in which they ended."""
    trials = job.trials.search().observed().in_order_of_end()
    return [candidate_of(trial) for trial in trials.annotate(worker=last_worker())]
