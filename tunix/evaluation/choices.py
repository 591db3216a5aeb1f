"""The states of an evaluation, and which are terminal."""

from django.db import models


class EvaluationStatus(models.TextChoices):
    """The status of an evaluation. One that is recorded with its run is completed from the start."""

    PENDING = "pending", "pending"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELED = "canceled", "canceled"


TERMINAL_EVALUATION_STATUSES = frozenset(
    {EvaluationStatus.COMPLETED, EvaluationStatus.FAILED, EvaluationStatus.CANCELED}
)
