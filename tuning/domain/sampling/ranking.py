"""The order of Optuna trials for our own samplers: completed before pruned before infeasible."""

from __future__ import annotations

import math

from optuna import Study
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuning.domain.sampling.study import SLOT


def slot_of(trial: FrozenTrial) -> int:
    """The slot of a trial."""
    return int(trial.user_attrs[SLOT])


def is_over(trial: FrozenTrial) -> bool:
    """Whether a trial has ended with a result that says something about its parameters."""
    return trial.state in (TrialState.COMPLETE, TrialState.PRUNED)


def is_infeasible(trial: FrozenTrial) -> bool:
    """Whether a trial showed that its parameters do not work."""
    return any(violation > 0 for violation in trial.constraints.values())


def loss(study: Study, trial: FrozenTrial) -> float:
    """The last value of a trial, smaller being better; infinite if it has none."""
    value = trial.value
    if trial.state == TrialState.PRUNED and trial.intermediate_values:
        value = trial.intermediate_values[max(trial.intermediate_values)]
    if value is None or not math.isfinite(value) or is_infeasible(trial):
        return math.inf
    return value if study.direction == StudyDirection.MINIMIZE else -value


def badness(study: Study, trial: FrozenTrial) -> tuple[int, float]:
    """The sort key of trials, the best first. Values of pruned and completed trials are not compared."""
    if is_infeasible(trial):
        return 2, 0.0
    return int(trial.state == TrialState.PRUNED), loss(study, trial)
