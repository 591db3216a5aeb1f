"""The exceptions that end a run early, and the failure reason of each."""

from __future__ import annotations

import errno
import traceback

from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.engine.training import Diverged
from tunix.pipeline.hyperparameters import InvalidHyperparameters
from tunix.pipeline.models.base_models import BaseModelError, UnknownBaseModel
from tunix.pipeline.spec import FailureReason


class Canceled(Exception):
    """Raised by a report to end its run with the outcome `canceled`."""


class TimedOut(Exception):
    """Raised by a report when a run exceeds its time limit."""


class UnknownJudge(LookupError):
    """There is no judge with this name."""


class JudgeFailed(Exception):
    """A judge raised an exception, or did not give one score from 0 to 1 for each item."""


class EvaluationUnavailable(Exception):
    """The model of a run cannot be used again, because something that this needs is missing or does not fit."""


_USER_ERRORS = (DatasetError, BaseModelError, UnknownBaseModel, UnknownJudge, InvalidHyperparameters)


def reason_for(error: Exception) -> FailureReason:
    """The failure reason for an exception that ended a run."""
    if isinstance(error, Diverged):
        return FailureReason.DIVERGED
    if isinstance(error, TimedOut):
        return FailureReason.TIMEOUT
    if isinstance(error, JudgeFailed):
        return FailureReason.JUDGE_ERROR
    if isinstance(error, _USER_ERRORS):
        return FailureReason.USER_ERROR
    # XLA has no exception type of its own for this, and JAX has renamed the type that it raises.
    xla_out_of_memory = type(error).__module__.startswith("jax") and "RESOURCE_EXHAUSTED" in str(error)
    if xla_out_of_memory or isinstance(error, MemoryError):
        return FailureReason.OUT_OF_MEMORY
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FailureReason.NO_SPACE
    return FailureReason.ERROR


def message_of(error: Exception) -> str:
    """One line that says what happened; an unexpected error is shown with its type."""
    text = str(error)
    if text and isinstance(error, (Diverged, TimedOut, JudgeFailed, *_USER_ERRORS)):
        return text
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return lines[-1]
