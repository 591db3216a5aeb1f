"""Ray's early stopping schedulers, rebuilt from the ledger. Each decision is committed before it is carried out.

Imported by `ray_tune`, which first sets the environment variables that Ray reads on import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from ray.tune.schedulers import AsyncHyperBandScheduler, MedianStoppingRule
from ray.tune.schedulers.trial_scheduler import FIFOScheduler, TrialScheduler

from tuning.domain.early_stopping.decisions import KnownRungs, Reached
from tuning.domain.early_stopping.halving import bracket_of
from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.early_stopping.stopping_rule import Basis

from .source import SOURCES

AT, VALUE = "at", "value"
"""Keys of the report of a trial at a rung."""


class RayRule(Protocol):
    """One of Ray's schedulers, with the access to its state that Ray does not offer."""

    def basis(self, trial: Any, at: float) -> Basis:
        """The threshold that the value of `trial` at this rung is compared with, and how many values it is based on."""

    def know(self, known: KnownRungs) -> None:
        """Add the values of a trial that ended in an earlier epoch."""

    def forget(self, trial: Any) -> None:
        """Remove the values of a trial that failed and may run again."""

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None: ...

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str: ...


class Halving(AsyncHyperBandScheduler):
    """Ray's asynchronous successive halving; with several brackets, asynchronous HyperBand.

    Ray draws the bracket of a trial at random. Here it follows from the trial's number and the job's seed, so that a
    scheduler that is rebuilt after a crash puts each trial into the same bracket.
    """

    def __init__(self, stopping: EarlyStopping, seed: int) -> None:
        times: Any = {"grace_period": stopping.grace}  # typed as int by Ray, but it only compares them: fractions work
        super().__init__(
            **times,
            time_attr=AT,
            metric=VALUE,
            mode=stopping.mode,
            max_t=stopping.horizon,
            reduction_factor=int(stopping.options["reduction_factor"]),
            brackets=int(stopping.options["brackets"]),
            stop_last_trials=False,
        )
        self._seed = seed

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        sizes = [len(bracket._rungs) for bracket in self._brackets]
        number = bracket_of(trial.config["number"], sizes, self._seed)
        self._trial_info[trial.trial_id] = self._brackets[number]

    def basis(self, trial: Any, at: float) -> Basis:
        bracket = self._trial_info[trial.trial_id]
        # Highest rung first, as in Ray's `_Bracket.on_result`. Read before the value of `trial` is recorded there.
        for milestone, recorded in bracket._rungs:
            if at >= milestone and trial.trial_id not in recorded:
                cutoff = bracket.cutoff(recorded)
                return Basis(float("nan") if cutoff is None else float(self._metric_op * cutoff), len(recorded))
        return Basis(float("nan"), 0)

    def know(self, known: KnownRungs) -> None:
        trial, no_controller = _ended(known), None
        self.on_trial_add(no_controller, trial)
        for at, value in known.values:
            self.on_trial_result(no_controller, trial, {AT: at, VALUE: value})  # type: ignore[arg-type]

    def forget(self, trial: Any) -> None:
        for bracket in self._brackets:
            for _, recorded in bracket._rungs:
                recorded.pop(trial.trial_id, None)


class Median(MedianStoppingRule):
    """Ray's median stopping rule. It never pauses a trial: without a checkpoint the trial would start again."""

    def __init__(self, stopping: EarlyStopping, seed: int) -> None:
        super().__init__(
            time_attr=AT,
            metric=VALUE,
            mode=stopping.mode,
            grace_period=stopping.grace,
            min_samples_required=int(stopping.options["min_samples"]),
        )

    def basis(self, trial: Any, at: float) -> Basis:
        others = [other for other in self._trials_beyond_time(at) if other is not trial]
        means = [mean for mean in (self._running_mean(other, at) for other in others) if np.isfinite(mean)]
        return Basis(float(np.median(means)) if means else float("nan"), len(means))

    def know(self, known: KnownRungs) -> None:
        if known.values:
            self._results[_ended(known)] = [{AT: at, VALUE: value} for at, value in known.values]

    def forget(self, trial: Any) -> None:
        self._results.pop(trial, None)

    def _on_insufficient_samples(self, tune_controller: Any, trial: Any, time: float) -> str:
        return TrialScheduler.CONTINUE


RAY_RULES: dict[str, Callable[[EarlyStopping, int], RayRule]] = {
    "asha": Halving,
    "hyperband": Halving,
    "median": Median,
}
"""The schedulers of the rules in `tuning.domain.early_stopping.rules`."""


class LedgerScheduler(FIFOScheduler):
    """Lets one of Ray's rules decide at each rung, and commits the decision to the ledger before Ray acts on it.

    It does not hold the source itself, because Ray pickles schedulers: the source is looked up by the sweep's name.
    Trials report at their rungs and once at their end; a trial without rungs is never stopped.
    """

    def __init__(self, source_name: str, rule: RayRule) -> None:
        super().__init__()
        self._source_name, self._rule = source_name, rule
        self._metric = VALUE

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        self._rule.on_trial_add(tune_controller, trial)

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        if AT not in result:
            return TrialScheduler.CONTINUE
        basis = self._rule.basis(trial, result[AT])  # before the rule adds this trial's own value
        decision = self._rule.on_trial_result(tune_controller, trial, result)
        reached = Reached(**{name: result[name] for name in Reached.__dataclass_fields__})
        stop = basis if decision == TrialScheduler.STOP else None
        SOURCES[self._source_name].reached(trial.config, reached, stop)
        return decision

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        if result.get("outcome", "completed") != "completed":
            self._rule.forget(trial)

    def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
        self._rule.forget(trial)


def scheduler_of(source_name: str, stopping: EarlyStopping, seed: int, known: Iterable[KnownRungs]) -> LedgerScheduler:
    """The scheduler of a sweep, with the values at the rungs as of the end of the last epoch."""
    rule = RAY_RULES[stopping.name](stopping, seed)
    for trial in known:
        rule.know(trial)
    return LedgerScheduler(source_name, rule)


def _ended(known: KnownRungs) -> Any:
    """Stands in for a trial that the Ray of this epoch has never seen."""
    return _Ended(trial_id=f"trial {known.number}", config={"number": known.number})


@dataclass(frozen=True, eq=False)
class _Ended:
    trial_id: str
    config: dict[str, int]
