"""The interface between Ray and the ledger. It imports neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tuning.domain.early_stopping.decisions import KnownRungs, Reached
from tuning.domain.early_stopping.stopping_rule import Basis
from tunix.pipeline.spec import FailureReason


class NoMoreTrials(Exception):
    """There are no more trials to run."""


@dataclass(frozen=True)
class Death:
    """Why an execution ended without a result: the error text and its failure reason."""

    error: str
    reason: FailureReason = FailureReason.LOST


class TrialSource(Protocol):
    """Provides trials and records their ends. Its methods raise nothing but NoMoreTrials: they run in Ray's hooks."""

    def next_config(self) -> dict[str, Any] | None:
        """The configuration of the next execution; None if the caller should ask again later. Raises NoMoreTrials."""

    def ended(self, config: dict[str, Any], reported: dict[str, Any]) -> None:
        """Record an execution that ended with a result in its folder; `reported` is its last report to Ray."""

    def died(self, config: dict[str, Any], death: Death) -> None:
        """Record an execution whose worker is gone or raised an exception."""

    def reached(self, config: dict[str, Any], reached: Reached, stop: Basis | None) -> None:
        """Record that an execution has reached a rung. With `stop`, it is ended there once this has returned."""

    def known_rungs(self) -> Sequence[KnownRungs]:
        """The values at the rungs of trials that ended in earlier epochs."""


SOURCES: dict[str, TrialSource] = {}
"""By name of the sweep. Ray pickles the objects that it is given, and a source cannot be pickled."""
