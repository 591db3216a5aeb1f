"""When the failures of its trials make a job fail."""

from __future__ import annotations

from ..analysis.best import candidate_of
from ..choices import TrialKind, TrialStatus
from ..domain.selection.selection import Candidate, stop_reason
from ..models import TuningJob
from .quarantine import last_worker


def failure_of(job: TuningJob) -> str:
    """Why the failures of its trials make the job fail; empty if they do not. The rule is `selection.stop_reason`."""
    if not job.trials.filter(status=TrialStatus.FAILED).exists():
        return ""
    return stop_reason(ended_trials(job), job.max_failed_trials, job.share_of_failures) or ""


def ended_trials(job: TuningJob) -> list[Candidate]:
    """The search trials that completed, failed or were stopped early, in the order in which they ended."""
    statuses = [TrialStatus.COMPLETED, TrialStatus.PRUNED, TrialStatus.FAILED]
    trials = job.trials.filter(kind=TrialKind.SEARCH, status__in=statuses).order_by("finished_at", "number")
    return [candidate_of(trial) for trial in trials.annotate(worker=last_worker())]
