"""What Ray's side asks of the ledger's side. Knows neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tuning.domain.early_stopping.decisions import KnownRungs, Reached
from tuning.domain.early_stopping.stopping_rule import Basis
from tunix.pipeline.spec import FailureReason


class NoMoreTrials(Exception):
    """There is nothing to run any more."""


@dataclass(frozen=True)
class Death:
    """Why an execution ended without telling: its cause in words, and which of the known reasons that is."""

    error: str
    reason: FailureReason = FailureReason.LOST


class TrialSource(Protocol):
    """Where trials come from and where their ends are told. None of its methods raises anything else."""

    def next_config(self) -> dict[str, Any] | None:
        """The configuration of the next execution; None: ask again later. Raises NoMoreTrials."""

    def ended(self, config: dict[str, Any], reported: dict[str, Any]) -> None:
        """An execution has ended and left its result in its folder; `reported` is what it told Ray."""

    def died(self, config: dict[str, Any], death: Death) -> None:
        """The worker of an execution is gone, or raised."""

    def reached(self, config: dict[str, Any], reached: Reached, stop: Basis | None) -> None:
        """An execution has reached a rung; with `stop` it is ended there, as soon as this has returned."""

    def known_rungs(self) -> Sequence[KnownRungs]:
        """Where trials that ended in earlier epochs stood at their rungs."""


SOURCES: dict[str, TrialSource] = {}
"""By the name of the sweep: Ray pickles what it is given, and a source cannot be pickled."""
