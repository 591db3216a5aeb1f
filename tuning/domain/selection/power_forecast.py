"""Which differences a job will be able to show, computed before it starts."""

from __future__ import annotations

from dataclasses import dataclass

DISCORDANT = 0.2
SEED_DEVIATION = 0.02
POWER = 0.8
TOO_COARSE = 0.1


@dataclass(frozen=True)
class Forecast:
    """The smallest differences (of scores from 0 to 1) that two trials and the confirmation can show, in words too.

    `warning` is None unless the search can hardly tell its trials apart.
    """

    search: float
    confirmed: float | None
    sentence: str
    warning: str | None


def forecast(items: int, test_items: int | None = None, seeds: int = 3) -> Forecast:
    """What `items` validation items can tell apart, and what `seeds` of winner and default show on `test_items`.

    Without `test_items` the job is not confirmed. Raises ValueError for fewer than 1 item, or 2 test items or seeds.
    """
    from tunix.statistics.power import smallest_confirmed_difference, smallest_difference

    search = smallest_difference(items, DISCORDANT, POWER)
    sentence = (
        f"With {items} items the search can tell apart trials that differ by {_points(search)} or more at "
        f"{POWER:.0%} power ({DISCORDANT:.0%} discordant items assumed)."
    )
    confirmed = None
    if test_items is not None:
        confirmed = smallest_confirmed_difference(
            test_items, seeds, seed_deviation=SEED_DEVIATION, discordant=DISCORDANT, power=POWER
        )
        sentence += (
            f" The confirmation, with {seeds} seeds of winner and default and {test_items} test items, can show an "
            f"improvement of {_points(confirmed)} or more (seed deviation of {_points(SEED_DEVIATION)} assumed)."
        )
    return Forecast(search, confirmed, sentence, _warning(items, search))


def _warning(items: int, smallest: float) -> str | None:
    from tunix.statistics.bisection import smallest_count
    from tunix.statistics.power import smallest_difference

    if smallest <= TOO_COARSE:
        return None
    enough = smallest_count(lambda count: smallest_difference(count, DISCORDANT, POWER) <= TOO_COARSE)
    return (
        f"Trials that differ by less than {_points(smallest)} cannot be told apart: chance decides which of them "
        f"leads. Raise max_items to {enough} or more to tell {_points(TOO_COARSE)} apart."
    )


def _points(difference: float) -> str:
    points = f"{100 * difference:.0f}" if difference >= 0.1 else f"{100 * difference:.1f}".removesuffix(".0")
    return f"{points} point{'' if points == '1' else 's'}"
