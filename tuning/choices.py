"""States of jobs, trials and attempts, declared once: label, terminal subset, allowed transitions."""

from __future__ import annotations

from django.db import models


class JobStatus(models.TextChoices):
    """The status of a job. "Canceling", "paused" and "stalled" are computed, not stored."""

    CREATED = "created", "created"
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"


TERMINAL_JOB_STATUSES = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})
LIVE_JOB_STATUSES = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})
JOB_TRANSITIONS = {
    JobStatus.CREATED: {JobStatus.QUEUED, JobStatus.CANCELED},
    JobStatus.QUEUED: {JobStatus.RUNNING, JobStatus.CANCELED, JobStatus.FAILED},
    JobStatus.RUNNING: {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.QUEUED},
    JobStatus.COMPLETED: {JobStatus.QUEUED},
    JobStatus.FAILED: {JobStatus.QUEUED},
    JobStatus.CANCELED: {JobStatus.QUEUED},
}


class TrialStatus(models.TextChoices):
    """The status of a trial. A pending trial has its parameters and waits to be assigned, perhaps again."""

    PENDING = "pending", "pending"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    PRUNED = "pruned", "pruned"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"


TERMINAL_TRIAL_STATUSES = frozenset(
    {TrialStatus.COMPLETED, TrialStatus.PRUNED, TrialStatus.FAILED, TrialStatus.CANCELED}
)
TRAINED_TRIAL_STATUSES = frozenset({TrialStatus.COMPLETED, TrialStatus.PRUNED})
"""Training brought the trial to a result."""
OBSERVED_TRIAL_STATUSES = TRAINED_TRIAL_STATUSES | {TrialStatus.FAILED}
"""The trial says something of its parameters. These are also the ones that can be excluded."""


class TrialKind(models.TextChoices):
    """Why a trial exists. Only search trials compete for the best.

    A confirmation trains a finalist again, judged on the rows that the search was judged on; a held-out trial trains
    the winner or the default configuration once more, and is judged on the test split.
    """

    SEARCH = "search", "search"
    DEFAULT = "default", "default configuration"
    UNTUNED = "untuned", "untuned model"
    CONFIRMATION = "confirmation", "confirmation"
    HELD_OUT = "held_out", "held-out test"


class TrialOrigin(models.TextChoices):
    """Who chose the parameters of a search trial."""

    PROPOSED = "proposed", "proposed by the sampler"
    ENQUEUED = "given", "enqueued by a user"


class AttemptOutcome(models.TextChoices):
    """How one execution of a trial ended."""

    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    PRUNED = "pruned", "pruned"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"
    LOST = "lost", "lost"


class EventKind(models.TextChoices):
    """What happened to a job."""

    CREATED = "created", "created"
    CLONED = "cloned", "cloned"
    CHANGED = "changed", "changed"
    ENQUEUED = "enqueued", "configuration enqueued"
    STARTED = "started", "started"
    WARM_START = "warm_start", "warm start"
    RUNNING = "running", "running"
    RESUMED = "resumed", "resumed"
    PAUSED = "paused", "paused"
    UNPAUSED = "unpaused", "unpaused"
    RELEASED = "handed_back", "released by its runner"
    EXTENDED = "extended", "trials added"
    RETRIED = "retried", "trials retried"
    CANCEL_REQUESTED = "cancel_requested", "cancel requested"
    CANCELED = "canceled", "canceled"
    DELETED = "deleted", "deleted"
    LOST = "lost", "runner lost"
    WORKER_QUARANTINED = "worker_set_aside", "worker quarantined"
    TRIAL_FAILED = "trial_failed", "trial failed"
    PRUNED = "pruned", "trial stopped early"
    NEW_BEST = "new_best", "new best"
    DISQUALIFIED = "barred", "trial disqualified by a guard"
    BUDGET = "budget", "ended by a budget"
    EXCLUDED = "excluded", "trial excluded"
    INCLUDED = "included", "trial included again"
    NO_WINNER = "no_winner", "no trial can win"
    CONFIRMATION_REQUESTED = "confirmation_requested", "confirmation requested"
    FINALISTS = "finalists", "finalists chosen"
    WINNER_FIXED = "winner_fixed", "winner fixed"
    PROOF_STAGE = "proof_stage", "proof continued"
    SEEDS_ADDED = "seeds_added", "seeds added"
    VERDICT = "verdict", "verdict"
    PROMOTED = "promoted", "promoted"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
