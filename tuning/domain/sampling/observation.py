"""What a sampler is told about one trial."""

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
    """One trial as the ledger knows it: slot `number` (from 0), parameters, how it stands.

    `infeasible` blames the parameters (a diverged run) and keeps the search away from them; `failed` blames
    the machine and teaches nothing. A completed trial has a finite `value`, and `values` of the further objectives,
    if there are any; a pruned one may have the value it was stopped at, better in the direction of the job's metric,
    at rung `step`. `state` is what the sampler stored when it proposed the parameters.
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
        """Of every objective, the first one first; empty where nothing is known."""
        return [] if self.value is None else [self.value, *self.values]


def together(replicates: Sequence[Observation], lacking: int = 0) -> Observation:
    """One configuration that was tried several times: the mean of those that completed.

    While a replicate runs, or `lacking` of them were not made yet, it counts as running. Where none completed, as the
    first that was pruned, else infeasible, else failed.
    """
    by_outcome: dict[str, list[Observation]] = {}
    for one in replicates:
        by_outcome.setdefault(one.outcome, []).append(one)
    if lacking > 0 or "running" in by_outcome:
        return replace(replicates[0], outcome="running", value=None, values=())
    known = next(by_outcome[outcome] for outcome in _TELLING if outcome in by_outcome)
    if known[0].outcome != "completed":
        return replace(known[0], state=replicates[0].state)
    value, *values = map(fmean, zip(*(one.all_values for one in known), strict=True))
    return replace(known[0], value=value, values=tuple(values), state=replicates[0].state)


_TELLING = ("completed", "pruned", "infeasible", "failed")
"""Outcomes, the most telling first."""
