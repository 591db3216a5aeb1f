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


@rule("G1", hint="Resume or extend the job. If it is completed, check its history and its runner's logs.")
def slots_are_used(rows: JobRows) -> Iterator[Found]:
    """A completed job has num_samples trials, or a recorded reason why not. No job has more."""
    count = sum(trial.kind == TrialKind.SEARCH for trial in rows.trials)
    wanted = rows.job.num_samples
    reason = next((detail for kind, detail in reversed(rows.events) if kind == JobStatus.COMPLETED), "")
    if count > wanted:
        yield Found(f"{count} trials, num_samples is {wanted}")
    elif count < wanted and rows.job.status == JobStatus.COMPLETED and not reason:
        yield Found(f"completed with {count} of {wanted} trials, and no reason is recorded")


@rule("G6", hint="Check the runner's log; resume the job if it should continue.")
def ends_are_explained(rows: JobRows) -> Iterator[Found]:
    """A failed job has a reason and an error; for a canceled job, a cancel was requested."""
    job = rows.job
    if job.status == JobStatus.FAILED and not (job.reason and job.error):
        yield Found(f"failed with reason {job.reason!r} and error {job.error[:100]!r}")
    if job.status == JobStatus.CANCELED and job.cancel_requested_at is None:
        yield Found("canceled without a request")


@rule("G6", hint="The row was changed by hand or by an old version. Correct finished_at and lease_owner.")
def ended_jobs_are_closed(rows: JobRows) -> Iterator[Found]:
    """A terminal job has an end time and no lease owner; any other job has no end time."""
    job = rows.job
    if rows.is_terminal and job.finished_at is None:
        yield Found(f"{job.status} without finished_at")
    if rows.is_terminal and job.lease_owner:
        yield Found(f"{job.status}, but its lease is held by {job.lease_owner}")
    if not rows.is_terminal and job.finished_at is not None:
        yield Found(f"{job.status} with finished_at {job.finished_at:%Y-%m-%d %H:%M:%S %Z}")


@rule("G6", hint="The history is append-only. Find out what changed the status without an event.")
def history_tells_the_state(rows: JobRows) -> Iterator[Found]:
    """The last status event of a terminal job is its status; that of any other job is not a terminal status."""
    last = rows.events[-1][0] if rows.events else None
    status = rows.job.status
    if rows.is_terminal and last != status:
        yield Found(f"{status}, but the last status event of its history is {last}")
    if not rows.is_terminal and last in TERMINAL_JOB_STATUSES:
        yield Found(f"{status}, but its history ends with {last}")


@rule("G6", hint="Resume the job: when it ends again, open rows are closed.")
def nothing_is_open_under_an_ended_job(rows: JobRows) -> Iterator[Found]:
    """Under a terminal job, no trial is pending or running, and no attempt and no run is open."""
    if not rows.is_terminal:
        return
    for trial in rows.trials:
        if trial.status in OPEN_TRIALS:
            yield Found(f"the job is {rows.job.status}, but the trial is {trial.status}", trial.number)
    for trial, attempt in rows.executions():
        if attempt.outcome == AttemptOutcome.RUNNING:
            yield Found(f"the job is {rows.job.status}, but attempt {attempt.number} is running", trial.number)
        if attempt.run.status not in TunixRun.TERMINAL:
            yield Found(f"the job is {rows.job.status}, but run {attempt.run_id} is {attempt.run.status}", trial.number)


@rule(
    "G5",
    hint="Start `manage.py reconcile`, which takes the job over, and check whether the database's clock was changed.",
)
def running_jobs_have_a_live_lease(rows: JobRows) -> Iterator[Found]:
    """The heartbeat of a running job is younger than two leases."""
    yield from stale_lease(rows.job)


def stale_lease(work: object) -> Iterator[Found]:
    """The same for any kind of work that was read with `lease_age`."""
    if getattr(work, "status", "") != "running":
        return
    age = getattr(work, "lease_age", None)
    limit = LEASES_UNTIL_LOST * settings.LEASE_SECONDS
    if age is None:
        yield Found("running without a heartbeat")
    elif age.total_seconds() > limit:
        yield Found(f"running, but the last heartbeat is {age.total_seconds():.0f} s old (more than {limit:g} s)")


@rule("G5", hint="Only a claim starts a job, and it increments the epoch. Find out what changed the row.")
def work_is_done_under_a_lease(rows: JobRows) -> Iterator[Found]:
    """A running job has an epoch and a lease owner; under a created or queued job no trial is running."""
    job = rows.job
    if job.status == JobStatus.RUNNING and (job.epoch < 1 or not job.lease_owner):
        yield Found(f"running under epoch {job.epoch} with the lease owner {job.lease_owner!r}")
    if job.status in {JobStatus.CREATED, JobStatus.QUEUED}:
        running = [trial.number for trial in rows.trials if trial.status == TrialStatus.RUNNING]
        if running:
            yield Found(f"the job is {job.status}, but trials {running} are running")


JOB_RULES = (
    slots_are_used,
    ends_are_explained,
    ended_jobs_are_closed,
    history_tells_the_state,
    nothing_is_open_under_an_ended_job,
    running_jobs_have_a_live_lease,
    work_is_done_under_a_lease,
)
