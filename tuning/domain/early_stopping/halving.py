"""Successive halving: at each rung, the best part of the trials that reached it continues."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

from tuning.domain.early_stopping.stopping_rule import Basis, Group, Options, StoppingRule
from tunix.validation.fields import Fields

MAX_BRACKETS = 10
DEFAULT_FACTOR = 4
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}


def bracket_sizes(grace: float, end: float, options: Options) -> list[int]:
    """The number of rungs of each bracket as Ray counts them: one at the end of the training is included."""
    whole = math.log(end / grace) / math.log(options["reduction_factor"])
    return [int(whole - bracket + 1) for bracket in range(int(options["brackets"]))]


def bracket_of(number: int, sizes: Sequence[int], seed: int) -> int:
    """The bracket of trial `number`, drawn with the weights that Ray gives them: e to the number of their rungs.

    Ray draws from a generator that the whole process shares; a job that is resumed must draw the same again.
    """
    weights = [math.exp(size - max(sizes)) for size in sizes]
    return random.Random(f"{seed}/{number}").choices(range(len(sizes)), weights)[0]  # noqa: S311  (no secret)


class Halving(StoppingRule):
    """The best 1/reduction_factor continue. With several brackets, whose rungs start later one by one, HyperBand."""

    option_names = ("reduction_factor", "brackets")

    def __init__(self, name: str, *, default_brackets: int, min_brackets: int) -> None:
        self.name, self._default_brackets, self._min_brackets = name, default_brackets, min_brackets

    def read_options(self, fields: Fields, unit: str) -> dict[str, float]:
        return {
            "reduction_factor": fields.whole("reduction_factor", default=DEFAULT_FACTOR, low=2, high=10),
            "brackets": fields.whole(
                "brackets", default=self._default_brackets, low=self._min_brackets, high=MAX_BRACKETS
            ),
        }

    def default_grace(self, options: Options) -> float:
        return float(options["reduction_factor"] ** -2)

    def rungs(self, grace: float, options: Options) -> Iterator[float]:
        """Where Ray has them, to the last bit."""
        return (grace * options["reduction_factor"] ** number for number in count())

    def trials_at_a_rung(self, options: Options) -> int:
        return 2

    def groups(self, grace: float, end: float, options: Options, numbers: range, seed: int) -> Iterator[Group]:
        sizes = bracket_sizes(grace, end, options)
        members = Counter(bracket_of(number, sizes, seed) for number in numbers)
        return (Group(bracket + 1, members[bracket]) for bracket in range(len(sizes)))

    def basis_in_words(self, basis: Basis, mode: str, options: Options) -> str:
        factor = int(options["reduction_factor"])
        bound = "at most" if mode == "min" else "at least"
        part = _PARTS.get(factor, f"1/{factor}")
        return f"the best {part} of {basis.trials_in_words} there had {bound} {basis.threshold:.4g}"

    def max_brackets(self, rungs: int) -> int | None:
        return rungs + 1
