"""One decision of early stopping: the rung a trial has reached, what it was compared with, and a sentence about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.early_stopping.stopping_rule import Basis


@dataclass(frozen=True)
class Reached:
    """An execution has reached rung `rung`, from 1, that lies at `at`: step `step` of `steps`, with this value."""

    rung: int
    at: float
    step: int
    steps: int
    value: float


@dataclass(frozen=True)
class KnownRungs:
    """The rungs of a trial that has ended: (at, value), lowest first."""

    number: int
    values: tuple[tuple[float, float], ...]


def stop_json(stopping: EarlyStopping, reached: Reached, basis: Basis) -> dict[str, Any]:
    """All numbers of a decision, as they are stored with the trial."""
    return {"rule": stopping.name, "metric": stopping.metric, "mode": stopping.mode, **asdict(reached), **asdict(basis)}


def sentence_of(stopping: EarlyStopping, reached: Reached, basis: Basis) -> str:
    """Why a trial was stopped: `stopped at step 15 of 240 (rung 1): eval_loss 2.31, the best quarter of ...`."""
    where = f"stopped at step {reached.step:,} of {reached.steps:,} (rung {reached.rung})"
    compared_with = stopping.rule.basis_in_words(basis, stopping.mode, stopping.options)
    return f"{where}: {stopping.metric} {reached.value:.4g}, {compared_with}"


def seen_by_the_sampler(stopped: Mapping[str, Any], metric_mode: str) -> tuple[float, int]:
    """(value, rung) of a stopped trial, as a sampler ranks such trials: a later rung is better, then the better value.

    The sign of the value changes when the job's metric goes the other way, because samplers know one direction. Rungs
    are compared, because steps are not comparable between batch sizes.
    """
    value = float(stopped["value"])
    return (value if stopped["mode"] == metric_mode else -value), int(stopped["rung"])


def share_saved(planned: int, trained: int) -> float:
    """The share of the planned steps that were not trained; 0 when none were planned."""
    return max(0.0, 1 - trained / planned) if planned else 0.0
