"""What a sampler knows about one trial."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal, get_args

from tuning.domain.sampling.proposal import SamplerState
from tunix.pipeline.spec import Scalar

Outcome = Literal["running", "completed", "failed", "infeasible", "pruned"]


@dataclass(frozen=True)
class Observation:
    """One trial as the ledger has it: slot `number` (from 0), parameters and outcome.

    `infeasible` means that the parameters failed (a diverged run), and keeps the search away from them. `failed` is an
    infrastructure failure, from which the sampler learns nothing. A completed trial has a finite `value`, and `values`
    of further objectives. A pruned trial may have the value of rung `step`, at which it was stopped. `state` is what
    the sampler stored with the proposal.
    """

    number: int
    params: Mapping[str, Scalar]
    outcome: Outcome = "running"
    value: float | None = None
    step: int = 0
    state: SamplerState | None = None
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"An outcome is one of {', '.join(get_args(Outcome))}, not {self.outcome!r}.")
        if self.outcome == "completed" and (self.value is None or not all(map(math.isfinite, self.all_values))):
            raise ValueError(f"A completed trial has finite values, not {(self.value, *self.values)!r}.")

    @property
    def all_values(self) -> list[float]:
        """The values of all objectives in order; empty if there are none yet."""
        return [] if self.value is None else [self.value, *self.values]


def together(replicates: Sequence[Observation], lacking: int = 0) -> Observation:
    """The replicates of one configuration as one observation: the mean of those that completed.

    It is running while a replicate runs or `lacking` more are still to be created. If none completed, it is the first
    pruned one, otherwise the first infeasible one, otherwise the first failed one.
    """
    by_outcome: dict[str, list[Observation]] = {}
    for one in replicates:
        by_outcome.setdefault(one.outcome, []).append(one)
    if lacking > 0 or "running" in by_outcome:
        return replace(replicates[0], outcome="running", value=None, values=())
    known = next(by_outcome[outcome] for outcome in _BY_INFORMATION if outcome in by_outcome)
    if known[0].outcome != "completed":
        return replace(known[0], state=replicates[0].state)
    value, *values = map(fmean, zip(*(one.all_values for one in known), strict=True))
    return replace(known[0], value=value, values=tuple(values), state=replicates[0].state)


_BY_INFORMATION = ("completed", "pruned", "infeasible", "failed")
"""Outcomes, the most informative first."""
