"""Which differences a job will be able to show: before it starts, after its controls, and after its ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .points import percent, points
from .stages import POWER, plan_of

DISCORDANT = 0.2
SEED_DEVIATION = 0.02
TOO_COARSE = 0.1
ASKED_DIFFERENCE = 0.05
PLANNED_SEEDS = (3, 5, 8, 13, 20)
PLAUSIBLE = 0.8
"""The probability of the range in which the deviation of the seeds is said to lie."""


@dataclass(frozen=True)
class Forecast:
    """The smallest differences (of scores from 0 to 1) that two trials and the confirmation can show, in words too.

    `warning` is None unless the search can hardly tell its trials apart.
    """

    search: float
    confirmed: float | None
    sentence: str
    warning: str | None


@dataclass(frozen=True)
class Noise:
    """What runs of one configuration showed: the deviation of their scores from seed to seed, the lowest and highest
    plausible one, and the share of items on which two of them disagree.
    """

    deviation: float
    low: float
    high: float
    discordant: float
    runs: int


@dataclass(frozen=True)
class Need:
    """What a proof needs to show a difference: test rows, at most so many seeds a side, so many runs on average."""

    rows: int
    seeds: int
    runs: float


def forecast(items: int, test_items: int | None = None, seeds: int = 3, most_seeds: int | None = None) -> Forecast:
    """What `items` validation items can tell apart, and what the stages of the proof show on `test_items`.

    The proof has `seeds` of winner and default at first, and up to `most_seeds`. Without `test_items` the job is not
    confirmed. Raises ValueError for fewer than 1 item, or 2 test items or seeds.
    """
    from tunix.statistics.power import smallest_difference
    from tunix.statistics.staged_power import smallest_staged_difference

    search = smallest_difference(items, DISCORDANT, POWER)
    sentence = (
        f"With {items} items the search can tell apart trials that differ by {points(search)} or more at "
        f"{POWER:.0%} power ({DISCORDANT:.0%} discordant items assumed)."
    )
    confirmed = None
    if test_items is not None:
        most = max(seeds, most_seeds or seeds)
        confirmed = smallest_staged_difference(test_items, _design(seeds, most), POWER)
        sentence += (
            f" The confirmation, with {_range(seeds, most)} seeds of winner and default and {test_items} test items, "
            f"can show an improvement of {points(confirmed)} or more (seed deviation of {points(SEED_DEVIATION)} "
            "assumed)."
        )
    return Forecast(search, confirmed, sentence, _warning(items, search))


def noise_seen(runs: Sequence[Sequence[float | None]]) -> Noise | None:
    """How much the seeds of one configuration differ, by the item scores of its runs; None for fewer than 2 runs."""
    import numpy as np
    from scipy.special import chdtri

    from tunix.statistics.clustered import seed_variance

    if len(runs) < 2 or len({len(scores) for scores in runs}) != 1:
        return None
    table = np.nan_to_num(np.array(runs, dtype=np.float64))
    found = seed_variance(list(table))
    degrees, variance = found.degrees, max(found.excess, 0.0)
    between = float(table.mean(axis=1).var(ddof=1))
    tail = (1 - PLAUSIBLE) / 2
    low, high = (between * degrees / float(chdtri(degrees, share)) for share in (tail, 1 - tail))
    of_items = between - found.excess
    pairs = [abs(table[one] - table[other]) for one in range(len(table)) for other in range(one)]
    deviation, least, most = (max(value, 0.0) ** 0.5 for value in (variance, low - of_items, high - of_items))
    return Noise(deviation, least, most, discordant=float(np.mean(pairs)), runs=len(table))


def forecast_by_noise(noise: Noise, test_items: int, all_rows: int, *, seeds: int, most_seeds: int) -> str:
    """What the proof will show, by the noise that the controls showed, as a range; and what would show 5 points."""
    from tunix.statistics.staged_power import smallest_staged_difference

    shown, best, worst = (
        smallest_staged_difference(test_items, _design(seeds, most_seeds, deviation, noise.discordant), POWER)
        for deviation in (noise.deviation, noise.low, noise.high)
    )
    seen = f"Seed sd {100 * noise.deviation:.1f} points seen in {noise.runs} runs of the default"
    plausible = f"({100 * noise.low:.1f} to {100 * noise.high:.1f} is plausible)"
    shows = f"{_range(seeds, most_seeds)} seeds show {points(shown)} at {POWER:.0%} power"
    by_range = f"({points(best)} to {points(worst)})"
    wanted = sentence_of_needs(ASKED_DIFFERENCE, needs_of(ASKED_DIFFERENCE, all_rows, noise=noise), all_rows)
    return f"{seen} {plausible}: {shows} {by_range}. {wanted}"


def forecast_of_lead(
    winner: Sequence[Sequence[float | None]],
    default: Sequence[Sequence[float | None]],
    paired: int,
    test_items: int,
    *,
    seeds: int,
    most_seeds: int,
) -> str:
    """With which probability the proof will show what the ranking saw, as a range: 80% of its interval on validation.

    Both sides are the item scores of the ranking's seeds on validation, the first `paired` of which are shared.
    """
    from tunix.statistics.clustered import compare_configurations
    from tunix.statistics.staged_power import staged_power

    lead = compare_configurations(winner, default, paired=paired, alpha=1 - PLAUSIBLE)
    noise = noise_seen(default)
    deviation, discordant = (noise.deviation, noise.discordant) if noise else (SEED_DEVIATION, DISCORDANT)
    design = _design(seeds, most_seeds, deviation, discordant)
    low, high = (staged_power(max(0.0, end), test_items, design)[0] for end in (lead.low, lead.high))
    return (
        f"On validation the winner leads the default by {points(lead.difference)}: the proof will show it with a "
        f"probability of {percent(max(low, 0.01))} to {percent(min(high, 0.99))}."
    )


def needs_of(difference: float, rows: int, *, noise: Noise | None = None) -> list[Need]:
    """Plans that show a difference with 80% power on at most `rows` test rows, fewest seeds first; none if none does.

    Each allows more seeds than the one before and needs fewer rows. The noise is assumed if none was seen.
    """
    from tunix.statistics.staged_power import smallest_items, staged_power

    found: list[Need] = []
    for most in PLANNED_SEEDS:
        deviation, discordant = (noise.deviation, noise.discordant) if noise else (SEED_DEVIATION, DISCORDANT)
        design = _design(min(3, most), most, deviation, max(discordant, difference))
        enough = smallest_items(difference, design, POWER, most=max(rows, 2))
        if enough is not None and enough <= rows and (not found or enough < 0.9 * found[-1].rows):
            found.append(Need(enough, most, 2 * staged_power(difference, enough, design)[1]))
    return found


def sentence_of_needs(difference: float, needs: Sequence[Need], rows: int) -> str:
    """What a difference takes, in a sentence."""
    if not needs:
        most = PLANNED_SEEDS[-1]
        return f"A difference of {points(difference)} takes more than the {rows:,} test rows and {most} seeds of each."
    plans = [f"{need.rows:,} test rows and up to {need.seeds} seeds (about {need.runs:.0f} runs)" for need in needs]
    return f"For {points(difference)} take {', or '.join(plans)}."


def _design(seeds: int, most: int, deviation: float = SEED_DEVIATION, discordant: float = DISCORDANT) -> Any:
    from tunix.statistics.staged_power import Design

    plan = plan_of(seeds, most)
    design = Design(plan.stages, plan.levels, deviation=deviation, discordant=min(1.0, discordant))
    return replace(design, prior=seeds - 1)


def _range(seeds: int, most: int) -> str:
    return str(seeds) if seeds == most else f"{seeds} to {most}"


def _warning(items: int, smallest: float) -> str | None:
    from tunix.statistics.bisection import smallest_count
    from tunix.statistics.power import smallest_difference

    if smallest <= TOO_COARSE:
        return None
    enough = smallest_count(lambda count: smallest_difference(count, DISCORDANT, POWER) <= TOO_COARSE)
    return (
        f"Trials that differ by less than {points(smallest)} cannot be told apart: chance decides which of them "
        f"leads. Raise max_items to {enough} or more to tell {points(TOO_COARSE)} apart."
    )
