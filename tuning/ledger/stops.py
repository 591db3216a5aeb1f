"""Records which budget has ended a job or its search."""

from __future__ import annotations

from ..analysis.budgets import is_ended_early, is_used_up, stop_of_search
from ..choices import EventKind
from ..domain.selection.budgets import Stop
from ..models import TuningJob


def note_stop(job: TuningJob, stop: Stop | None) -> None:
    """Record on the job which budget has ended it, with an event for each new one; None clears it."""
    noted = stop.to_json() if stop else None
    if noted == job.ended_early_json:
        return
    job.ended_early_json = noted
    TuningJob.objects.filter(pk=job.pk).update(ended_early_json=noted)
    if stop is not None:
        job.add_event(EventKind.BUDGET, detail=f"the {stop.scope} ends: {stop.detail}")


def end_search_if_over(job: TuningJob) -> bool:
    """Whether a budget ends the search, which is then recorded. Called only while it could continue."""
    stop = stop_of_search(job)
    if stop is not None or not is_used_up(job):
        note_stop(job, stop)
    return stop is not None


def clear_stop_of_job(job: TuningJob) -> None:
    """A job that runs again has a fresh time budget."""
    if is_ended_early(job, "job"):
        note_stop(job, None)
