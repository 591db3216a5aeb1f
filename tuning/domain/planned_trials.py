"""The search trials that a definition leads to on a dataset, and whether its early stopping can stop one of them."""

from __future__ import annotations

from collections.abc import Iterator

from tuning.domain.early_stopping.reach import PlannedTrials, reach_warnings
from tuning.domain.job_definition import JobDefinition, most_trials, trials_of
from tuning.domain.space.projection import Setting, setting_of, settings_of
from tunix.pipeline.engine.steps import steps_of
from tunix.pipeline.judges import JUDGES
from tunix.validation.errors import Faults, Messages

STEP_NAMES = ("num_steps", "num_epochs", "batch_size", "gradient_accumulation_steps")
"""The hyperparameters that decide about the number of steps, together with the rows."""


def stopping_reach_warnings(definition: JobDefinition, train_rows: int) -> Messages:
    """Warnings by path about early stopping that can stop no trial, or only some, on so many training rows."""
    found = Faults()
    if definition.early_stopping is not None and train_rows:
        for path, sentence in reach_warnings(definition.early_stopping, planned_trials(definition, train_rows)):
            found.add(path, sentence)
    return found.messages


def planned_trials(definition: JobDefinition, train_rows: int) -> PlannedTrials:
    """The search trials of a job, as far as its definition tells."""
    searched = (definition.space, definition.algorithm, definition.given)
    count = trials_of(definition.num_samples, *searched)
    lengths: dict[int, int | None] = {}
    for setting in _settings(definition):
        steps = steps_of(setting.values, train_rows)
        known = lengths.get(steps, 0)
        limit = None if setting.configurations is None else setting.configurations * definition.algorithm.replicates
        lengths[steps] = None if known is None or limit is None else known + limit
    first = _controls(definition)
    return PlannedTrials(range(first, first + count), lengths, count == most_trials(*searched), definition.seed)


def _settings(definition: JobDefinition) -> Iterator[Setting]:
    """Those of the space, and of the enqueued configurations outside it."""
    space, fixed = definition.space, definition.fixed_params
    yield from settings_of(space, fixed, STEP_NAMES, definition.method)
    for params in definition.given:
        if not space.contains(params) or space.broken_constraint(params):
            yield setting_of(params, fixed, STEP_NAMES, definition.method)


def _controls(definition: JobDefinition) -> int:
    """How many trials come before those of the search."""
    if not definition.confirmation.controls:
        return 0
    return definition.confirmation.seeds + int(definition.metric_name in {"score_mean", *JUDGES})
