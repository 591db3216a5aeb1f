"""Rules about a job's own row, its slots and its history."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from tuning.choices import TERMINAL_JOB_STATUSES, AttemptOutcome, JobStatus, TrialKind, TrialStatus
from tunix.runs.models import TunixRun

from .finding import Found, rule
from .reading import JobRows

LEASES_UNTIL_LOST = 2
OPEN_TRIALS = frozenset({TrialStatus.PENDING, TrialStatus.RUNNING})


@rule("G1", hint="Resume or extend the job; if it says completed, look into its history and its runner's logs.")
def slots_are_used(rows: JobRows) -> Iterator[Found]:
    """A completed job has num_samples trials, or says which budget ended it. No job has more."""
    count = sum(trial.kind == TrialKind.SEARCH for trial in rows.trials)
    wanted = rows.job.num_samples
    if count > wanted:
        yield Found(f"{count} trials, num_samples is {wanted}")
    elif count < wanted and rows.job.status == JobStatus.COMPLETED and not _stated_reason(rows):
        yield Found(f"completed with {count} of {wanted} trials, and no reason is stated")


def _stated_reason(rows: JobRows) -> str:
    return next((detail for kind, detail in reversed(rows.events) if kind == JobStatus.COMPLETED), "")


@rule("G6", hint="Look into the runner's log; resume the job if it is to go on.")
def ends_are_explained(rows: JobRows) -> Iterator[Found]:
    """A failed job has a reason and an error; a canceled one was asked to stop."""
    job = rows.job
    if job.status == JobStatus.FAILED and not (job.reason and job.error):
        yield Found(f"failed with reason {job.reason!r} and error {job.error[:100]!r}")
    if job.status == JobStatus.CANCELED and job.cancel_requested_at is None:
        yield Found("canceled, and nobody asked for it")


@rule("G6", hint="Somebody wrote the row by hand, or an old version did. Correct finished_at and lease_owner.")
def ended_jobs_are_closed(rows: JobRows) -> Iterator[Found]:
    """A terminal job has an end and no owner, another one has no end."""
    job = rows.job
    if rows.is_terminal and job.finished_at is None:
        yield Found(f"{job.status} without finished_at")
    if rows.is_terminal and job.lease_owner:
        yield Found(f"{job.status}, and its lease is held by {job.lease_owner}")
    if not rows.is_terminal and job.finished_at is not None:
        yield Found(f"{job.status} with finished_at {job.finished_at:%Y-%m-%d %H:%M:%S}")


@rule("G6", hint="The history is only ever added to. Find out who changed the status without it.")
def history_tells_the_state(rows: JobRows) -> Iterator[Found]:
    """The last turning point of a job that has ended names its state; that of another one does not."""
    last = rows.events[-1][0] if rows.events else None
    status = rows.job.status
    if rows.is_terminal and last != status:
        yield Found(f"{status}, but the last turning point of its history is {last}")
    if not rows.is_terminal and last in TERMINAL_JOB_STATUSES:
        yield Found(f"{status}, but its history ends with {last}")


@rule("G6", hint="Resume the job and let it end again: what is open is closed then.")
def nothing_is_open_under_an_ended_job(rows: JobRows) -> Iterator[Found]:
    """No trial waits or runs, no attempt and no run is open."""
    if not rows.is_terminal:
        return
    for trial in rows.trials:
        if trial.status in OPEN_TRIALS:
            yield Found(f"the job is {rows.job.status}, the trial is {trial.status}", trial.number)
    for trial, attempt in rows.executions():
        if attempt.outcome == AttemptOutcome.RUNNING:
            yield Found(f"the job is {rows.job.status}, attempt {attempt.number} is running", trial.number)
        if attempt.run.status not in TunixRun.TERMINAL:
            yield Found(f"the job is {rows.job.status}, run {attempt.run_id} is {attempt.run.status}", trial.number)


@rule("G5", hint="Start `manage.py reconcile` (it takes the job over), and look whether the database's clock was set.")
def running_jobs_have_a_live_lease(rows: JobRows) -> Iterator[Found]:
    """The heartbeat of a running job is younger than two leases."""
    yield from stale_lease(rows.job)


def stale_lease(work: object) -> Iterator[Found]:
    """For any kind of work, read with its `lease_age`."""
    if getattr(work, "status", "") != "running":
        return
    age = getattr(work, "lease_age", None)
    limit = LEASES_UNTIL_LOST * settings.LEASE_SECONDS
    if age is None:
        yield Found("running without any heartbeat")
    elif age.total_seconds() > limit:
        yield Found(f"running, the last heartbeat is {age.total_seconds():.0f} s old (more than {limit:g} s)")


@rule("G5", hint="Only a claim makes a job running, and it raises the epoch. Find out who wrote the row.")
def work_is_done_under_a_lease(rows: JobRows) -> Iterator[Found]:
    """A job that runs has an epoch and an owner; in any other nothing is being executed."""
    job = rows.job
    if job.status == JobStatus.RUNNING and (job.epoch < 1 or not job.lease_owner):
        yield Found(f"running under epoch {job.epoch}, owner {job.lease_owner!r}")
    if job.status in {JobStatus.CREATED, JobStatus.QUEUED}:
        running = [trial.number for trial in rows.trials if trial.status == TrialStatus.RUNNING]
        if running:
            yield Found(f"the job is {job.status}, trials {running} are running")


JOB_RULES = (
    slots_are_used,
    ends_are_explained,
    ended_jobs_are_closed,
    history_tells_the_state,
    nothing_is_open_under_an_ended_job,
    running_jobs_have_a_live_lease,
    work_is_done_under_a_lease,
)
