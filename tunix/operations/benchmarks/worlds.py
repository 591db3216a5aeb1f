"""The worlds of `benchmark verdict`: what may be true of rows, seeds and runs while a job is confirmed."""

from __future__ import annotations

from dataclasses import dataclass, replace

BASE = 0.6
"""The true score of the default configuration."""
FOUND = 0.03
"""The standard deviation of the trials' true scores where there is something to find."""


@dataclass(frozen=True)
class Setting:
    """One line of the table. Scores and deviations are fractions of 1 (0.02 is 2 points).

    `gain` and `spread`: mean and standard deviation of how much better than the default the trials' configurations are.
    `deviation`: of a configuration's score from seed to seed; `default_deviation`: the default's, if it is another.
    `correlation`: between what a seed does to two configurations.
    `copies`: near copies per row, on average. `sorted_rows`: the file of `file_rows` rows is sorted by class.
    `deaths`: the share of the worst seeds of a trial's configuration that diverge.
    `unjudged`: the share of the winner's wrong answers that no judge can read.
    `rounds`: how often the job is confirmed. `is_power_asked`: whether power and runs have goals here.
    """

    world: str
    label: str
    items: int = 1024
    validation: int = 256
    trials: int = 10
    gain: float = 0.0
    spread: float = 0.0
    deviation: float = 0.02
    default_deviation: float | None = None
    correlation: float = 0.5
    copies: int = 1
    sorted_rows: bool = False
    file_rows: int = 3073
    deaths: float = 0.0
    unjudged: float = 0.0
    rounds: int = 1
    is_power_asked: bool = False

    @property
    def has_nothing(self) -> bool:
        """Whether no configuration differs from the default."""
        return self.gain == self.spread == 0


def all_worlds() -> dict[str, tuple[Setting, ...]]:
    """Every world by its name, with the lines it has in the table."""
    return {
        "tidy": _tidy(),
        "sorted": _with_and_without("sorted", "sorted by class", sorted_rows=True),
        "common-seeds": _common_seeds(),
        "groups": _with_and_without("groups", "3 near copies of each row", copies=3),
        "dying-seeds": _with_and_without("dying-seeds", "the worst 20% of seeds diverge", deaths=0.2, deviation=0.04),
        "unjudged": _with_and_without("unjudged", "10% of its wrong answers unjudged", unjudged=0.1),
        "unequal-seeds": _unequal_seeds(),
        "repeated-confirmations": _repeated(),
    }


def settings_of(world: str) -> tuple[Setting, ...]:
    """The lines of one world, or of all for an empty name. Raises KeyError for an unknown one."""
    worlds = all_worlds()
    return worlds[world] if world else tuple(setting for settings in worlds.values() for setting in settings)


def _tidy() -> tuple[Setting, ...]:
    independent = Setting("tidy", "independent seeds", correlation=0.0)
    return (
        *(
            replace(
                independent, label=f"{items} rows, seed sd {round(100 * deviation)}", items=items, deviation=deviation
            )
            for items in (256, 1024)
            for deviation in (0.0, 0.02, 0.04)
        ),
        replace(independent, label="256 rows, something to find", items=256, spread=FOUND),
        replace(independent, label="1,024 rows, something to find", spread=FOUND),
        replace(independent, label="every trial 2 points worse", gain=-0.02),
    )


def _common_seeds() -> tuple[Setting, ...]:
    pairs = [(0.5, 0.0), (0.8, 0.0), (0.5, FOUND), (0.8, FOUND)]
    return tuple(
        Setting(
            "common-seeds",
            f"correlation {correlation:g}, {'something' if spread else 'nothing'} to find",
            correlation=correlation,
            spread=spread,
            is_power_asked=True,
        )
        for correlation, spread in pairs
    )


def _unequal_seeds() -> tuple[Setting, ...]:
    noisy = Setting("unequal-seeds", "the trials' seeds vary by 5, the default's by 1", deviation=0.05)
    noisy = replace(noisy, default_deviation=0.01, correlation=0.0)
    quiet = replace(noisy, label="by 1, the default's by 5", deviation=0.01, default_deviation=0.05)
    return noisy, replace(noisy, label="by 5 and 1, something to find", spread=FOUND), quiet


def _repeated() -> tuple[Setting, ...]:
    ten = Setting("repeated-confirmations", "any of ten confirmations", rounds=10)
    return ten, replace(ten, label="any of ten, 256 rows, seed sd 4", items=256, deviation=0.04)


def _with_and_without(world: str, label: str, **changed: float) -> tuple[Setting, ...]:
    nothing = Setting(world, label, **changed)  # type: ignore[arg-type]
    return nothing, replace(nothing, label=f"{label}, something to find", spread=FOUND)
