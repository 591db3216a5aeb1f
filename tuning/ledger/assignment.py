"""What the ledger answers to a request for a trial."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tunix.pipeline.spec import Scalar


@dataclass(frozen=True)
class Assignment:
    """One execution of one trial, stored and ready to be given away."""

    number: int
    kind: str
    attempt_id: int
    attempt_number: int
    run_id: str
    params: dict[str, Scalar]
    spec: dict[str, Any]
    max_seconds: float | None = None
    quarantined: tuple[str, ...] = ()
    """Workers that are not to execute it."""


@dataclass(frozen=True)
class Wait:
    """Nothing to give away now; ask again."""


@dataclass(frozen=True)
class Finished:
    """Nothing to give away any more. `failure` says why the job must fail, if it must, and `reason` in one word."""

    failure: str = ""
    detail: str = ""
    reason: str = "trials"
    requeues: bool = False
    """The job is not over, and is to go back into the queue."""
    last_request: int | None = field(default=None, compare=False)
    """The newest request of a person that this answer knows of."""
