"""The states of an evaluation, declared once."""

from django.db import models


class EvaluationStatus(models.TextChoices):
    """How an evaluation stands; one that came with its run is born completed."""

    PENDING = "pending", "pending"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"


TERMINAL_EVALUATION_STATUSES = frozenset(
    {EvaluationStatus.COMPLETED, EvaluationStatus.FAILED, EvaluationStatus.CANCELED}
)
