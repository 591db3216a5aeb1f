"""One decision of early stopping: where a trial stood, what it was held against, and the words for it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tuning.domain.early_stopping.rules import EarlyStopping

_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}


@dataclass(frozen=True)
class Reached:
    """An execution has reached rung `rung`, from 1, that lies at `at`: step `step` of `steps`, with this value."""

    rung: int
    at: float
    step: int
    steps: int
    value: float


@dataclass(frozen=True)
class Stop:
    """A trial is to end: its value is worse than `threshold`, which comes from `trials` others at that rung."""

    threshold: float
    trials: int


@dataclass(frozen=True)
class KnownRungs:
    """The rungs of a trial that has ended: (at, value), lowest first."""

    number: int
    values: tuple[tuple[float, float], ...]


def stop_json(stopping: EarlyStopping, reached: Reached, stop: Stop) -> dict[str, Any]:
    """All numbers of a decision, as they are stored with the trial."""
    return {"rule": stopping.name, "metric": stopping.metric, "mode": stopping.mode, **asdict(reached), **asdict(stop)}


def sentence_of(stopping: EarlyStopping, reached: Reached, stop: Stop) -> str:
    """Why a trial was stopped: `stopped at step 15 of 240 (rung 1): eval_loss 2.31, the best quarter of ...`."""
    where = f"stopped at step {reached.step:,} of {reached.steps:,} (rung {reached.rung})"
    trials = f"{stop.trials} trial{'' if stop.trials == 1 else 's'}"
    if stopping.is_halving:
        had = "at most" if stopping.mode == "min" else "at least"
        basis = f"the best {_part(stopping)} of {trials} there had {had} {stop.threshold:.4g}"
    else:
        basis = f"the median of the running means of {trials} is {stop.threshold:.4g}"
    return f"{where}: {stopping.metric} {reached.value:.4g}, {basis}"


def _part(stopping: EarlyStopping) -> str:
    factor = int(stopping.options["reduction_factor"])
    return _PARTS.get(factor, f"1/{factor}")


def seen_by_the_sampler(stopped: Mapping[str, Any], metric_mode: str) -> tuple[float, int]:
    """(value, rung) of a trial that was stopped, as a sampler ranks such trials: the later the better, then by value.

    Of a loss the sign is changed where the job's metric is better when larger: samplers know one direction. Rungs,
    since steps do not compare where batch sizes differ.
    """
    value = float(stopped["value"])
    return (value if stopped["mode"] == metric_mode else -value), int(stopped["rung"])


def bracket_of(number: int, sizes: Sequence[int], seed: int) -> int:
    """The bracket of trial `number`, drawn with the weights that Ray gives them: e to the number of their rungs.

    Ray draws from a generator that the whole process shares; a job that is resumed must draw the same again.
    """
    weights = [math.exp(size - max(sizes)) for size in sizes]
    return random.Random(f"{seed}/{number}").choices(range(len(sizes)), weights)[0]  # noqa: S311  (no secret)


def share_saved(planned: int, trained: int) -> float:
    """The share of planned steps that nobody had to train; 0 where none were planned."""
    return max(0.0, 1 - trained / planned) if planned else 0.0
