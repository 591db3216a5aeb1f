"""The proof in stages: how many seeds each has, at what level it tests, and whether it goes on.

1. `plan_of` fixes the stages before the first one: 3, 5 and 8 seeds of winner and default by default.
2. `decide` looks at the scores of all seeds so far. It ends the proof once the winner is better at the level of this
   stage, as good within the margin, or worse; at the last stage; and where more seeds would hardly show it.

Both are functions of the plan and the scores alone, so a job that is interrupted decides the same again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunix.statistics.results import Comparison, Scores, SeedVariance

from .outcome import VerdictOutcome

if TYPE_CHECKING:
    from tunix.statistics.clustered import Estimate

ALPHA = 0.05
INTERVAL_ALPHA = 0.05
GROWTH = 1.6
LEAST_FORECAST = 0.15
POWER = 0.8
MARGIN = 0.02


@dataclass(frozen=True)
class Plan:
    """The stages of a proof: the seeds a side has by then, and the two-sided level of the test for "better".

    `number`: which proof of the job it is; `alpha`: what its planned stages spend together. `added`: how many stages
    at the end were added after a verdict.
    """

    stages: tuple[int, ...]
    levels: tuple[float, ...]
    number: int
    alpha: float
    added: int = 0

    def number_at(self, seeds: int) -> int:
        """Which proof of the job the stage counts as: those that were added count like further ones."""
        return self.number + max(0, self.stage_of(seeds) + 1 - (len(self.stages) - self.added))

    def stage_of(self, seeds: int) -> int:
        """The stage that has been reached with so many seeds a side, from 0."""
        return max(index for index, count in enumerate(self.stages) if index == 0 or count <= seeds)

    def seeds_after(self, seeds: int) -> int | None:
        """The seeds of the next stage; None after the last one."""
        return next((count for count in self.stages if count > seeds), None)


@dataclass(frozen=True)
class Evidence:
    """The item scores of winner and default on the test rows, one sequence per seed.

    The first `paired` seeds of both sides are the same. `groups` names the group of each item. The priors are the
    variances between seeds seen on other rows: of the paired difference, and of the winner.
    """

    winner: Sequence[Scores]
    default: Sequence[Scores]
    paired: int = 0
    groups: Sequence[int] | None = None
    prior: SeedVariance | None = None
    winner_prior: SeedVariance | None = None


@dataclass(frozen=True)
class Decision:
    """What a stage showed. `outcome` is None while the proof goes on; `forecast` is the chance of a later success.

    `level` is the two-sided level at which this stage could say "better".
    """

    outcome: VerdictOutcome | None
    comparison: Comparison
    seeds: int
    level: float
    forecast: float | None = None


def alpha_of(number: int) -> float:
    """The level of a job's proof number `number`, from 1: 3.0%, 0.8%, 0.3%. All of them add up to 5%."""
    return ALPHA * 6 / (math.pi * number) ** 2


def stage_seeds(seeds: int, most: int) -> tuple[int, ...]:
    """The seeds of the stages, each 1.6 times the one before: 3, 5, 8. The last one absorbs a rest that is small."""
    stages = [min(seeds, most)]
    while stages[-1] < most:
        following = round(GROWTH * stages[-1])
        is_last = most - following < following - stages[-1]
        stages.append(most if is_last else following)
    return tuple(stages)


def plan_of(seeds: int, most: int, number: int = 1, added: Sequence[int] = ()) -> Plan:
    """The plan of a job's proof number `number`. Each of `added`, seeds beyond the plan, has the level of a new proof.

    Stages that were not planned cannot share a level that is spent already, so they count like further proofs.
    """
    from tunix.statistics.sequential import levels_of

    stages, alpha = stage_seeds(seeds, most), alpha_of(number)
    levels = levels_of(stages, alpha)
    beyond = sorted({count for count in added if count > most})
    levels += tuple(alpha_of(number + further) for further in range(1, len(beyond) + 1))
    return Plan((*stages, *beyond), levels, number, alpha, len(beyond))


def decide(
    evidence: Evidence, plan: Plan, *, seeds: int, margin: float = MARGIN, mode: str = "max", at_least: int = 0
) -> Decision:
    """What the stage with `seeds` seeds a side shows, and whether the proof ends with it.

    Before `at_least` seeds only "better" ends it: a person has asked for so many. Raises ValueError for fewer than 2
    seeds per side.
    """
    (comparison, found), following = _compared(evidence), plan.seeds_after(seeds)
    level = plan.levels[plan.stage_of(seeds)]
    outcome = outcome_of(comparison, level=level, margin=margin, mode=mode)
    if following is None or outcome == VerdictOutcome.BETTER:
        return Decision(outcome, comparison, seeds, level)
    forecast = _forecast_of(found, plan, seeds=seeds, mode=mode)
    is_settled = outcome != VerdictOutcome.UNDECIDED or forecast < LEAST_FORECAST
    return Decision(outcome if is_settled and seeds >= at_least else None, comparison, seeds, level, forecast)


def compare(evidence: Evidence) -> Comparison:
    """Winner minus default, with the 95% interval."""
    return _compared(evidence)[0]


def outcome_of(comparison: Comparison, *, level: float, margin: float, mode: str) -> VerdictOutcome:
    """Better at the level of the stage; worse, or as good within the margin, by the 95% interval; else undecided."""
    is_ahead = (comparison.difference > 0) == (mode == "max")
    if is_ahead and comparison.p < level:
        return VerdictOutcome.BETTER
    if not is_ahead and not comparison.low <= 0 <= comparison.high:
        return VerdictOutcome.WORSE
    is_within = -margin <= comparison.low and comparison.high <= margin
    return VerdictOutcome.EQUIVALENT if is_within else VerdictOutcome.UNDECIDED


def difference_shown_with(evidence: Evidence, seeds: int, planned: int, level: float) -> float:
    """The true difference that a test with `planned` seeds shows with 80% power, by what the first `seeds` showed."""
    from scipy.special import stdtrit

    from tunix.statistics.sequential import projected_error

    error, degrees = projected_error(seeds=seeds, planned=planned, **_figures(_compared(evidence)[1]))
    return float((stdtrit(degrees, 1 - level / 2) + stdtrit(degrees, POWER)) * error)


def _compared(evidence: Evidence) -> tuple[Comparison, Estimate]:
    from tunix.statistics.clustered import compare_and_estimate

    paired = evidence.paired if evidence.paired >= 2 else 0
    return compare_and_estimate(
        evidence.winner,
        evidence.default,
        groups=evidence.groups,
        paired=paired,
        alpha=INTERVAL_ALPHA,
        prior=evidence.prior if paired else None,
    )


def _forecast_of(found: Estimate, plan: Plan, *, seeds: int, mode: str) -> float:
    """The probability that the last stage will say "better", given what this one shows."""
    from tunix.statistics.sequential import success_forecast

    planned, level = plan.stages[-1], plan.levels[-1]
    difference = found.mean if mode == "max" else -found.mean
    figures = _figures(found)
    return float(success_forecast(difference=difference, seeds=seeds, planned=planned, level=level, **figures))


def _figures(found: Estimate) -> dict[str, Any]:
    """Its variances as the functions of `sequential` take them."""
    return {
        "items": found.items,
        "between": found.between,
        "residual": found.residual,
        "freedom": sum(freedom for _, freedom in found.seeds),
        "units": found.units,
    }
