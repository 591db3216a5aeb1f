"""The ledger's answers to a request for a trial."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tunix.pipeline.spec import Scalar


@dataclass(frozen=True)
class Assignment:
    """One execution of one trial, committed and ready for a worker."""

    number: int
    kind: str
    attempt_id: int
    attempt_number: int
    run_id: str
    params: dict[str, Scalar]
    spec: dict[str, Any]
    max_seconds: float | None = None
    quarantined: tuple[str, ...] = ()
    """Workers that must not execute it."""


@dataclass(frozen=True)
class Wait:
    """No trial can start now; ask again."""


@dataclass(frozen=True)
class Finished:
    """No more trials. `failure` says why the job must fail, if it must; `reason` is its failure reason."""

    failure: str = ""
    detail: str = ""
    reason: str = "trials"
    requeues: bool = False
    """The job has not ended; it must be requeued."""
    last_request: int | None = field(default=None, compare=False)
    """The newest request of a user that this decision took into account."""
