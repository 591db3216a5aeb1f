"""Budgets that end a search: a target, patience, and a limit of failed trials, which may be a share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from tuning.domain.selection.selection import (
    Candidate,
    best_trial,
    failure_limit,
    mean_value,
    middle_run,
    replicates_of,
)
from tuning.domain.stored import known_fields
from tunix.pipeline.judges import JUDGES

BUDGET_PATH = "budget_json"
MAX_FAILED_TRIALS = 10_000
SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)%")
"""How a share is spelled: 25%, 12.5%. A number is always a number of trials."""


@dataclass(frozen=True)
class Budget:
    """When a job ends early. Null is no limit.

    After `max_seconds`, or once judging has cost `max_judge_cost` in the currency of the prices that are set, nothing
    new begins. It fails when more than `max_failed_trials` failed: a number, or a share of num_samples such as 25%. A
    trial that takes longer than `max_trial_seconds` fails. The search alone ends when a trial is at `target_value`,
    and when the last `no_improvement_trials` that completed brought no new best.
    """

    max_seconds: float | None
    max_failed_trials: int | str
    max_trial_seconds: float | None = None
    max_judge_cost: float | None = None
    target_value: float | None = None
    no_improvement_trials: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any], num_samples: int) -> Budget:
        """What `to_json` wrote. A limit that was not stored is none, but for failures, which always have one."""
        unlimited = {"max_seconds": None, "max_failed_trials": failure_limit(num_samples)}
        return cls(**unlimited | known_fields(cls, stored))

    def to_json(self) -> dict[str, Any]:
        """All limits, resolved."""
        return asdict(self)


@dataclass(frozen=True)
class Stop:
    """A budget that ends a search or a job: `budget` is its name in `budget_json`, `detail` gives the figures.

    `scope` is search when a requested confirmation still runs, and job when nothing new starts at all.
    """

    budget: str
    scope: Literal["search", "job"]
    detail: str
    trial: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Stop | None:
        """What `to_json` wrote; None where no budget has ended anything."""
        return cls(**known_fields(cls, stored)) if stored else None

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the job."""
        return asdict(self)


def failed_trials_fault(value: Any) -> str | None:
    """What is wrong with a `max_failed_trials`: it is a number of trials, or a share of `num_samples`."""
    if isinstance(value, int) and not isinstance(value, bool):
        low, high = 0, MAX_FAILED_TRIALS
        return None if low <= value <= high else f"Must be from {low} to {high:,}, or a share such as 25%."
    found = SHARE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return 'Must be a whole number, or a share of num_samples such as "25%".'
    return None if Decimal(found[1]) <= 100 else "A share is at most 100%."


def allowed_failures(limit: int | str, num_samples: int) -> int:
    """How many trials may fail. A share is rounded down: more than a quarter of 10 is more than 2."""
    if isinstance(limit, int):
        return limit
    return math.floor(Decimal(limit.removesuffix("%")) * num_samples / 100)


def search_stop(ended: Sequence[Candidate], budget: Budget, metric: str, mode: str, replicates: int = 1) -> Stop | None:
    """Why the search is over; None while it goes on. `ended` holds its completed trials in the order they ended in."""
    target, patience = budget.target_value, budget.no_improvement_trials
    reached = first_at_target(ended, target, mode, replicates) if target is not None else None
    if reached is not None:
        detail = f"trial {reached.number} reached the target: {metric} {reached.value:.6g}, target_value {target:g}"
        return Stop("target_value", "search", detail, reached.number)
    if patience is not None and trials_since_best(ended, mode) >= patience:
        # The figures stay the same while more trials end, so the event is added once.
        best = best_trial(ended, mode)
        known = f"the best is trial {best.number}, {metric} {best.value:.6g}" if best else "no trial may win"
        detail = f"no new best in {patience} trials that completed in a row (no_improvement_trials); {known}"
        return Stop("no_improvement_trials", "search", detail, best.number if best else None)
    return None


def first_at_target(ended: Sequence[Candidate], target: float, mode: str, replicates: int = 1) -> Candidate | None:
    """The first that may win and is at `target` or beyond it: with `replicates`, by the mean of so many runs."""
    sign = 1 if mode == "max" else -1
    groups = (runs for runs in replicates_of(ended) if len(runs) >= replicates)
    return next((middle_run(runs) for runs in groups if sign * mean_value(runs) >= sign * target), None)


def trials_since_best(ended: Sequence[Candidate], mode: str) -> int:
    """How many trials have ended since the best value was first reached; all of them when none may win.

    Excluded ones do not count.
    """
    counted = [one for one in ended if not one.excluded]
    best = best_trial(counted, mode)
    if best is None:
        return len(counted)
    best_values = (runs for runs in replicates_of(counted) if mean_value(runs) == best.value)
    return len(counted) - 1 - min(counted.index(runs[-1]) for runs in best_values)


def budget_warnings(budget: Budget, trials: int, metric: str, mode: str) -> Iterator[tuple[str, str]]:
    """(path, sentence) of limits that can never end a search of so many trials, or that end it at once."""
    target, patience = budget.target_value, budget.no_improvement_trials
    if target is not None and (why := _unsuited_target(target, metric, mode)):
        yield f"{BUDGET_PATH}.target_value", why
    if patience is not None and patience >= trials:
        yield f"{BUDGET_PATH}.no_improvement_trials", f"Ends nothing: there are only {trials:,} trials."


def _unsuited_target(target: float, metric: str, mode: str) -> str:
    """Why a target is never reached, or always; empty if it depends on the trials."""
    is_share = metric in {"score_mean", "truncated_share", *JUDGES}
    if mode == "max" and target > 1 and is_share:
        return f"{metric} is at most 1: the target is never reached."
    if mode == "min" and target < 0:
        return f"{metric} is never below 0: the target is never reached."
    if (mode == "max" and target <= 0) or (mode == "min" and target >= 1 and is_share):
        bound = "never below 0" if mode == "max" else "at most 1"
        return f"{metric} is {bound}: the first completed trial reaches the target and ends the search."
    return ""
