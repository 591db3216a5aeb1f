"""The states of a run, a smoke test and a generation: their labels, and which are terminal."""

from __future__ import annotations

from django.db import models


class RunStatus(models.TextChoices):
    """The status of a run. `lost`: its process died without a result."""

    PENDING = "pending", "pending"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    PRUNED = "pruned", "pruned"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"
    LOST = "lost", "lost"


TERMINAL_RUN_STATUSES = frozenset(
    {RunStatus.COMPLETED, RunStatus.PRUNED, RunStatus.FAILED, RunStatus.CANCELED, RunStatus.LOST}
)


class RunOrigin(models.TextChoices):
    """How a run was created. Only single runs have a lease of their own; the run of a trial is covered by the job's."""

    SINGLE = "single", "single run"
    TRIAL = "trial", "trial of a job"


class SmokeTestStatus(models.TextChoices):
    """The state of the smoke test of an added model."""

    PENDING = "pending", "pending"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class GenerationStatus(models.TextChoices):
    """The status of a prompt that was sent to a run's model."""

    PENDING = "pending", "pending"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"


TERMINAL_GENERATION_STATUSES = frozenset(
    {GenerationStatus.COMPLETED, GenerationStatus.FAILED, GenerationStatus.CANCELED}
)
