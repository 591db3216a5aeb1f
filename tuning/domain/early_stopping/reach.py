"""Whether a rule of early stopping can stop any trial of a job: how many trials reach its rungs, and meet there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tuning.domain.early_stopping.rules import PATH, EarlyStopping
from tunix.pipeline.engine.steps import rungs_before_end

Warnings = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class PlannedTrials:
    """The search trials of a job before it starts.

    `numbers` are the numbers that they will have. `lengths` maps each number of steps that a training may take to the
    number of trials that can take so many; None if there is no limit. `is_whole_space`: there are no more trials than
    these because every configuration is tried. `seed` is that of the job.
    """

    numbers: range
    lengths: Mapping[int, int | None]
    is_whole_space: bool
    seed: int

    @property
    def count(self) -> int:
        return len(self.numbers)

    def most_of(self, lengths: frozenset[int]) -> int:
        """The most trials that can have one of these lengths."""
        limits = [self.lengths[length] for length in lengths]
        known = [limit for limit in limits if limit is not None]
        return self.count if len(known) < len(limits) else min(self.count, sum(known))


def reach_warnings(stopping: EarlyStopping, trials: PlannedTrials) -> Warnings:
    """(path, sentence): why no trial can be stopped, or else which trials cannot. Nothing about a usual rule."""
    if not trials.lengths:
        return
    useless = _why_useless(stopping, trials)
    if useless is not None:
        yield useless
    else:
        yield from _some_are_never_stopped(stopping, trials)


def _why_useless(stopping: EarlyStopping, trials: PlannedTrials) -> tuple[str, str] | None:
    """(path, sentence) if no trial can be stopped, whatever the values of the metric are."""
    count, needed = trials.count, stopping.rule.trials_at_a_rung(stopping.options)
    reaching = _reaching(stopping, trials, 1)
    path, why = "", ""
    if count == 1:
        path = PATH
        why = "the search has one trial, and a trial is only stopped because others are better. "
        why += f"{_more(trials, 2)}, or remove {PATH}."
    elif not reaching:
        path, why = _path("grace"), _no_trial_reaches(stopping, trials)
    elif count < needed:
        path = _path("min_samples")
        why = f"a trial is compared with {needed - 1:,} others or more, and the search has {count:,} trials. "
        why += f"Lower min_samples to {count - 1:,} or less, or {_more(trials, needed).lower()}."
    elif (meeting := trials.most_of(reaching)) < needed:
        path = _path("grace")
        why = f"{needed:,} trials must reach a rung before one can be stopped, and only {meeting:,} can reach the "
        why += f"first, {_where(stopping)}. Lower grace, or train the others longer."
    elif all(meeting < needed for meeting in _meeting(stopping, trials)):
        path = _path("brackets")
        why = f"trials are only compared within a bracket, and of {count:,} trials no two that reach a rung are in "
        why += f"the same one. Lower brackets, use asha, or {_more(trials, count + 1).lower()}."
    return (path, f"Stops nothing: {why}") if path else None


def _meeting(stopping: EarlyStopping, trials: PlannedTrials) -> Iterator[int]:
    """The most trials that can meet at the first rung of each group of trials that are compared with each other."""
    for group in stopping.groups(trials.numbers, trials.seed):
        yield min(group.trials, trials.most_of(_reaching(stopping, trials, group.first_rung)))


def _reaching(stopping: EarlyStopping, trials: PlannedTrials, rung: int) -> frozenset[int]:
    """The lengths of those trainings that are not over when they reach rung `rung`, from 1."""
    rungs = stopping.rungs
    reached = {steps: {found.number for found in rungs_before_end(rungs, steps)} for steps in trials.lengths}
    return frozenset(steps for steps, numbers in reached.items() if rung in numbers)


def _some_are_never_stopped(stopping: EarlyStopping, trials: PlannedTrials) -> Warnings:
    short = sorted(trials.lengths.keys() - _reaching(stopping, trials, 1))
    if short:
        why = f"Trials of {_span(short)} are never stopped: their training is over by the first rung, "
        why += f"{_where(stopping)}. Trials of this job can take {_span(sorted(trials.lengths))}. "
        yield _path("grace"), why + _lower_grace(stopping, short[0])
    rungs = len(rungs_before_end(stopping.rungs, max(trials.lengths)))
    if stopping.options.get("brackets", 1) > rungs + 1:
        why = f"Each bracket begins a rung later, and only {rungs:,} rungs are before the end of the longest trial. "
        yield _path("brackets"), why + f"Trials in bracket {rungs + 1:,} and later are never stopped. Lower brackets."


def _no_trial_reaches(stopping: EarlyStopping, trials: PlannedTrials) -> str:
    return (
        f"no trial reaches the first rung, {_where(stopping)}, before its last step. Trials of this job can take "
        f"{_span(sorted(trials.lengths))}. {_lower_grace(stopping, max(trials.lengths))}"
    )


def _lower_grace(stopping: EarlyStopping, steps: int) -> str:
    """What to change so that a training of so many steps reaches the first rung."""
    if steps == 1:
        return "A single step leaves nothing to save: train for more steps."
    most = steps - 1 if stopping.unit == "steps" else (steps - 1) / steps
    either = ", or count rungs in shares (unit share)" if stopping.unit == "steps" else ""
    return f"Lower grace to {_rounded_down(most)} or less{either}."


def _rounded_down(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{int(number * 1000) / 1000:g}"


def _where(stopping: EarlyStopping) -> str:
    if stopping.unit == "steps":
        return f"at step {-(-stopping.grace // 1):,.0f}"
    return f"at {stopping.grace:.3g} of the training"


def _more(trials: PlannedTrials, needed: int) -> str:
    if trials.is_whole_space:
        return f"Search a space of at least {needed:,} configurations"
    return f"Raise num_samples to at least {needed:,}"


def _span(lengths: list[int]) -> str:
    low, high = lengths[0], lengths[-1]
    if low == high:
        return f"{low:,} step{'' if low == 1 else 's'}"
    return f"{low:,} to {high:,} steps"


def _path(field: str) -> str:
    return f"{PATH}.{field}"
