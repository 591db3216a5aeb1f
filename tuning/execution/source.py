"""What Ray's side asks of the ledger's side. Knows neither."""

from __future__ import annotations

from typing import Any, Protocol


class NoMoreTrials(Exception):
    """There is nothing to run any more."""


class TrialSource(Protocol):
    """Where trials come from and where their ends are told. None of its methods raises anything else."""

    def next_config(self) -> dict[str, Any] | None:
        """The configuration of the next execution; None: ask again later. Raises NoMoreTrials."""

    def ended(self, config: dict[str, Any]) -> None:
        """An execution has ended and left its result in its folder."""

    def died(self, config: dict[str, Any], error: str) -> None:
        """The worker of an execution is gone, or raised."""
