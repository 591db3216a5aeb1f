"""The table of verbs: what can be done with a job and with a trial, one row each.

The buttons of the pages, their addresses, the admin's actions, the API's actions and the tables in docs/api.md are made
from these rows, and every service asks its row before it changes anything.
"""

from __future__ import annotations

from typing import Any

from ..choices import LIVE_JOB_STATUSES, OBSERVED_TRIAL_STATUSES, TERMINAL_JOB_STATUSES, JobStatus, TrialStatus
from ..models import TuningJob, TuningTrial
from . import reasons
from .verb import Argument, Selection, Verb

ALL = frozenset(JobStatus)
RESUMABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELED})
PROMOTE = "runs.add_basemodel"
PROMOTED = "The model is promoted: jobs and runs can start from it."
NAME, UNCONFIRMED = Argument("name"), Argument("unconfirmed", bool)
NO_CANCEL = "There is nothing to cancel."

_JOB_ROWS = (
    Verb(
        name="start",
        label="Start",
        service="run.start_job",
        summary="Start a created job",
        effect="Put the job into the queue.",
        done="The job is in the queue.",
        states=frozenset({JobStatus.CREATED}),
        hints=dict.fromkeys(RESUMABLE, "Resume it instead."),
        selection=Selection("Start selected jobs", "queued"),
    ),
    Verb(
        name="unpause",
        label="Unpause",
        service="pause.unpause_job",
        summary="Unpause a job",
        effect="The pause does not count against `max_seconds`.",
        done="The job starts new trials again.",
        states=LIVE_JOB_STATUSES,
        is_shown=lambda job: job.is_paused,
        selection=Selection("Unpause selected jobs", "unpaused"),
    ),
    Verb(
        name="pause",
        label="Pause",
        service="pause.pause_job",
        summary="Pause a job",
        effect="Running trials finish; no new ones start. A paused job stays paused.",
        done="The job is paused: running trials finish, and no new ones start.",
        states=LIVE_JOB_STATUSES,
        is_shown=lambda job: not job.is_paused,
        selection=Selection("Pause selected jobs", "paused"),
    ),
    Verb(
        name="cancel",
        label="Cancel",
        service="run.cancel_job",
        summary="Cancel a job",
        effect="200: it is canceled. 202: it is running and was asked to stop; its best trial so far is kept.",
        done="The job is canceled, or will be within seconds.",
        states=ALL - {JobStatus.COMPLETED, JobStatus.FAILED},
        hints={JobStatus.COMPLETED: NO_CANCEL, JobStatus.FAILED: NO_CANCEL},
        no_effect=reasons.cancel_has_no_effect,
        selection=Selection("Cancel selected jobs", "canceled, or will be within seconds"),
        answers=(200, 202),
    ),
    Verb(
        name="resume",
        label="Resume",
        service="run.resume_job",
        summary="Resume a failed or canceled job",
        effect="Completed trials are kept. Canceled trials run again, and so do those that failed for no known reason.",
        done="The job is in the queue again. Finished trials are kept.",
        states=RESUMABLE,
        selection=Selection("Resume selected jobs", "queued again"),
    ),
    Verb(
        name="extend",
        label="Add trials",
        service="extend.extend_job",
        summary="Add trials to a job that has ended",
        effect="It is queued again with `num_samples` more trials; its best trial so far is kept.",
        done="The job is in the queue again, with more trials.",
        states=TERMINAL_JOB_STATUSES,
        question="The job is queued again and continues its search. Its best trial so far is kept.",
        arguments=(Argument("num_samples", int),),
    ),
    Verb(
        name="retry",
        label="Retry failed trials",
        service="retry.retry_failed_trials",
        summary="Retry all failed trials of a job",
        effect="They run again with the same parameters, whatever the failure reason. "
        "A job that has ended is queued again.",
        done="The failed trials wait to run again.",
        states=ALL - {JobStatus.CREATED},
        reason=reasons.reason_not_to_retry_failed,
        question="Runs every failed trial again with the same parameters.",
        selection=Selection("Retry failed trials of selected jobs", "running their failed trials again"),
    ),
    Verb(
        name="confirm",
        label="Confirm winner",
        service="run.confirm_job",
        summary="Confirm the winner of a completed job",
        effect="Train the finalists again with fresh seeds, "
        "then compare the winner with the default configuration on the test split.",
        done="The winner is being confirmed: its finalists are trained again.",
        states=frozenset({JobStatus.COMPLETED}),
        reason=reasons.reason_not_to_confirm,
        question="Trains the best trials again with fresh seeds and compares the winner with the default configuration "
        "on the test split. This counts as one more access to the test split.",
        selection=Selection("Confirm winners of selected jobs", "queued for confirmation"),
    ),
    Verb(
        name="prove",
        label="Add seeds",
        service="prove.prove_job",
        summary="Add seeds to a proof that is not decided",
        effect="Train winner and default with more seeds, compare them again on the test split, "
        "and write a new verdict.",
        done="More seeds of winner and default are being trained.",
        states=frozenset({JobStatus.COMPLETED}),
        reason=reasons.reason_not_to_prove,
        question="Trains the winner and the default configuration with more seeds and compares them again on the test "
        "split. Seeds beyond the plan of the job count as a further confirmation.",
    ),
    Verb(
        name="promote",
        label="Promote winner",
        service="promote.promote_winner",
        summary="Promote a job's winner",
        effect="Make the winner a base model, `promoted/<name>@<version>`. "
        "`unconfirmed` must be true for a winner that is not confirmed.",
        done=PROMOTED,
        states=ALL - LIVE_JOB_STATUSES,
        hints=dict.fromkeys(LIVE_JOB_STATUSES, "Its winner is not known before it ends."),
        reason=reasons.reason_not_to_promote,
        permission=PROMOTE,
        arguments=(NAME, UNCONFIRMED),
        answers=(201,),
    ),
    Verb(
        name="rehearse",
        label="Rehearse",
        service="rehearse.request_rehearsal",
        summary="Rehearse a job",
        effect="A worker tries a few steps of its largest configuration and measures time and memory; "
        "`check` then tells what the whole job takes.",
        done="The rehearsal waits for a worker. The check shows how far it is, and then what the job takes.",
        states=ALL - LIVE_JOB_STATUSES,
        hints=dict.fromkeys(LIVE_JOB_STATUSES, "Its own trials show what it takes."),
        reason=reasons.reason_not_to_rehearse,
    ),
    Verb(
        name="edit",
        label="Edit",
        service="jobs.update_job",
        summary="Edit a tuning job",
        effect="Any field before the start; "
        "afterwards only name, notes, num_samples, max_concurrent_trials and budget_json.",
        done="The job is changed.",
        states=ALL - {JobStatus.COMPLETED},
        hints={JobStatus.COMPLETED: "Clone it instead."},
        has_page=True,
        request="PATCH",
        answers=(200,),
    ),
    Verb(
        name="enqueue",
        label="Enqueue configuration",
        service="enqueue.enqueue_configuration",
        summary="Enqueue a configuration",
        effect="It becomes a trial before the sampler proposes its own. If all slots are taken, one is added.",
        done="The configuration waits for its slot.",
        states=ALL - {JobStatus.COMPLETED},
        hints={JobStatus.COMPLETED: "Extend it, or clone it."},
        reason=reasons.reason_not_to_enqueue,
        has_page=True,
        request="POST /trials",
        answers=(201,),
    ),
    Verb(
        name="clone",
        label="Clone",
        service="clone.clone_job",
        summary="Clone a job",
        effect="Create a copy of the job, in state `created`; the fields of the request replace those of the copy.",
        done="The job is created. Start it when you are ready.",
        states=ALL,
        permission="tuning.add_tuningjob",
        has_page=True,
        answers=(201,),
    ),
    Verb(
        name="delete",
        label="Delete",
        service="jobs.delete_job",
        summary="Delete a job that is not live",
        effect="The job, its trials and its folder are deleted; the runs of its trials are kept.",
        done="The job is deleted. Its runs are kept.",
        states=ALL - LIVE_JOB_STATUSES,
        hints=dict.fromkeys(LIVE_JOB_STATUSES, "Cancel it first."),
        permission="tuning.delete_tuningjob",
        question="Delete the job, its trials and its folder? Its runs are kept.",
        is_destructive=True,
        request="DELETE",
        selection=Selection("Delete selected jobs", "deleted"),
        answers=(204,),
    ),
)

RETRIABLE = frozenset({TrialStatus.FAILED, TrialStatus.CANCELED})
ONLY_WITH_RESULT = "Only a trial that ended with a result can be excluded."
ONLY_FAILED = "Only a failed or canceled trial can be retried."

_TRIAL_ROWS = (
    Verb(
        name="retry",
        target="trial",
        label="Retry",
        service="retry.retry_trial",
        summary="Retry a trial",
        effect="It runs again with the same parameters. A job that has ended is queued again.",
        done="The trial waits to run again, with the same parameters.",
        states=RETRIABLE,
        hints=dict.fromkeys(TrialStatus, ONLY_FAILED) | {TrialStatus.PENDING: "It is already waiting to run."},
        reason=reasons.reason_not_to_retry,
    ),
    Verb(
        name="exclude",
        target="trial",
        label="Exclude",
        service="exclude.exclude_trial",
        summary="Exclude a trial",
        effect="It no longer counts for the best, the finalists, the charts and the sampler. "
        "The best is chosen again at once.",
        done="The trial is excluded: it no longer counts.",
        states=frozenset(OBSERVED_TRIAL_STATUSES),
        hints=dict.fromkeys(TrialStatus, ONLY_WITH_RESULT),
        reason=reasons.reason_not_to_exclude,
        is_shown=lambda trial: not trial.is_excluded,
        question="The trial stays in the list but no longer counts for the best trial or the sampler. "
        "You can include it again.",
        is_destructive=True,
        arguments=(Argument("reason"),),
        answers=(200,),
    ),
    Verb(
        name="include",
        target="trial",
        label="Include again",
        service="exclude.include_trial",
        summary="Include an excluded trial again",
        effect="It counts again, as if it had never been excluded.",
        done="The trial counts again.",
        states=frozenset(TrialStatus),
        reason=reasons.reason_not_to_include,
        is_shown=lambda trial: trial.is_excluded,
        answers=(200,),
    ),
    Verb(
        name="promote",
        target="trial",
        label="Promote",
        service="promote.promote_trial",
        summary="Promote a trial",
        effect="Make the run of this trial a base model.",
        done=PROMOTED,
        states=frozenset({TrialStatus.COMPLETED}),
        hints=dict.fromkeys(TrialStatus, "Only a completed trial can be promoted."),
        reason=reasons.reason_not_to_promote_trial,
        permission=PROMOTE,
        arguments=(NAME, UNCONFIRMED),
        request="POST /promote of its job",
        answers=(201,),
    ),
)

JOB_VERBS = {verb.name: verb for verb in _JOB_ROWS}
"""Verbs on a job by name, in the order of the menu on its page."""
TRIAL_VERBS = {verb.name: verb for verb in _TRIAL_ROWS}

PERMITTED = {
    "tuning.change_tuningjob": "change tuning jobs",
    "tuning.add_tuningjob": "create tuning jobs",
    "tuning.delete_tuningjob": "delete tuning jobs",
    PROMOTE: "promote models",
}
"""What each permission of a verb allows, in words."""


def verb_on(target: TuningJob | TuningTrial, name: str) -> Verb:
    """The row of a verb on a job or on a trial."""
    return (JOB_VERBS if isinstance(target, TuningJob) else TRIAL_VERBS)[name]


def refusal(target: TuningJob | TuningTrial, name: str) -> str | None:
    """Why a verb is refused for a job or a trial now, in a sentence; None when it is allowed."""
    return verb_on(target, name).refusal(target)


def reason_disabled(target: TuningJob | TuningTrial, name: str, user: Any) -> str | None:
    """Why the button of a verb is disabled for a user; None when it can be pressed."""
    verb = verb_on(target, name)
    if not user.has_perm(verb.permission):
        return f"You have no permission to {PERMITTED[verb.permission]}."
    return verb.refusal(target) or (verb.no_effect(target) if verb.no_effect else None)
