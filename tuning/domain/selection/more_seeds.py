"""What more seeds would show, for a proof that has not decided."""

from __future__ import annotations

from .points import points
from .stages import Evidence, Plan, alpha_of, compare, difference_shown_with


def advice_of(evidence: Evidence, plan: Plan, *, seeds: int, margin: float, mode: str, most: int) -> str:
    """How many more runs would show the difference that was seen, or the margin if that is larger, in a sentence.

    With 80% power, by the variances that the proof has shown so far, with at most `most` seeds a side.
    """
    seen = compare(evidence).difference * (1 if mode == "max" else -1)
    shown = margin
    for planned in range(seeds + 1, most + 1):
        shown = difference_shown_with(evidence, seeds, planned, _level(plan, planned))
        if shown <= max(seen, margin):
            return f"About {2 * (planned - seeds)} more runs would show a difference of {points(shown)}."
    if seeds >= most:
        return "It has as many seeds as a proof may have: only more test rows would show more."
    return f"Even {most} seeds of each would only show a difference of {points(shown)}: test on more rows."


def _level(plan: Plan, planned: int) -> float:
    """Of the last stage of the plan, or of a further one."""
    last = plan.stages[-1]
    return plan.levels[-1] if planned <= last else alpha_of(plan.number_at(last) + 1)
