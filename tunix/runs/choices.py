"""The states of a run, declared once: label and terminal subset."""

from __future__ import annotations

from django.db import models


class RunStatus(models.TextChoices):
    """How a run stands. `lost`: its process is gone and it left no result."""

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
    """Where a run comes from. Only single runs have a lease of their own; a trial's lives under its job's."""

    SINGLE = "single", "single run"
    TRIAL = "trial", "trial of a job"
