"""Why a verb is refused although the state allows it, in a sentence; None means that it is allowed."""

from __future__ import annotations

from tunix.runs.models import TunixRun

from ..analysis.budgets import is_ended_early, is_used_up, why_ended_early
from ..analysis.confirmation import has_finalists, is_confirming
from ..analysis.guards import why_no_best
from ..analysis.leakage import why_no_proof
from ..analysis.proof import next_seeds
from ..choices import JobStatus, TrialKind
from ..domain.selection.outcome import VerdictOutcome
from ..domain.selection.verdict import JobVerdict
from ..models import TuningJob, TuningTrial
from .rehearsal_file import read_rehearsal


def reason_not_to_confirm(job: TuningJob) -> str | None:
    if job.evaluation.split == "test":
        return "Its trials were selected on the test split, so no rows are left to confirm the winner on."
    if job.best_run_id is None:
        return why_no_best(job) or "No trial completed, so there is no winner."
    return why_no_proof(job.dataset)


def reason_not_to_prove(job: TuningJob) -> str | None:
    verdict = job.verdict
    if verdict is None or verdict.outcome != VerdictOutcome.UNDECIDED:
        return "Seeds are added to a proof whose verdict is not decided."
    if why := job.why_verdict_stale:
        return f"The verdict is stale: {why}. Confirm the winner again."
    return None if next_seeds(job) else "Winner and default have as many seeds as a proof may have."


def reason_not_to_enqueue(job: TuningJob) -> str | None:
    """Finalists are chosen among ended trials, so a later trial would be left out. A budget ends the search as well."""
    if is_ended_early(job, "search") and not is_used_up(job):
        return search_is_over(why_ended_early(job) or "")
    if is_confirming(job) and has_finalists(job):
        return "The search is over: its finalists are chosen."
    return None


def search_is_over(detail: str) -> str:
    """Why a search that a budget has ended takes no more trials."""
    return f"The search is over: {detail}. Change that budget first."


def reason_not_to_rehearse(job: TuningJob) -> str | None:
    kept = read_rehearsal(job)
    return "It is being rehearsed." if kept is not None and kept.is_live else None


def reason_not_to_retry_failed(job: TuningJob) -> str | None:
    return None if retriable_failures(job) else "None of its trials failed."


def retriable_failures(job: TuningJob) -> list[TuningTrial]:
    """The failed trials of a job that can run again."""
    failed = job.trials.select_related("job").failed().order_by("number")
    return [trial for trial in failed if reason_not_to_retry(trial) is None]


def reason_not_to_promote(job: TuningJob) -> str | None:
    return None if winning_run(job) else why_no_best(job) or "The job has no completed trial."


def winning_run(job: TuningJob) -> TunixRun | None:
    """The confirmed run, unless the trial that it proves is excluded; otherwise the raw best of the search."""
    verdict = job.verdict or JobVerdict()
    return (None if verdict.is_winner_excluded else job.confirmed_run) or job.best_run


def cancel_has_no_effect(job: TuningJob) -> str | None:
    if job.is_canceling:
        return "The job is being canceled."
    return "The job is canceled." if job.status == JobStatus.CANCELED else None


def reason_not_to_exclude(trial: TuningTrial) -> str | None:
    if trial.is_excluded:
        return f"The trial is already excluded: {trial.excluded_reason}"
    if trial.kind != TrialKind.SEARCH:
        return "The trial is not part of the search: it cannot win, and the sampler does not learn from it."
    return None


def reason_not_to_include(trial: TuningTrial) -> str | None:
    return None if trial.is_excluded else "The trial is not excluded."


def reason_not_to_retry(trial: TuningTrial) -> str | None:
    if trial.is_excluded:
        return "The trial is excluded. Include it first."
    is_current = is_confirming(trial.job) and trial.round == trial.job.confirmation_round
    if trial.kind in {TrialKind.CONFIRMATION, TrialKind.HELD_OUT} and not is_current:
        return "The trial belongs to a confirmation that has ended. Confirm the winner again."
    return "The job is created." if trial.job.status == JobStatus.CREATED else None


def reason_not_to_promote_trial(trial: TuningTrial) -> str | None:
    if trial.is_excluded:
        return "The trial is excluded. Include it first."
    if trial.run is None:
        return "The trial has no run."
    if trial.kind == TrialKind.UNTUNED:
        return "This trial evaluated the base model as it is: there is nothing new in it to promote."
    return None
