"""Successive halving: at each rung, the best part of the trials that reached it continues."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tuning.domain.early_stopping.stopping_rule import Basis, Options, StoppingRule
from tunix.validation.fields import Fields

MAX_BRACKETS = 10
DEFAULT_FACTOR = 4
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}


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

    def basis_in_words(self, basis: Basis, mode: str, options: Options) -> str:
        factor = int(options["reduction_factor"])
        bound = "at most" if mode == "min" else "at least"
        part = _PARTS.get(factor, f"1/{factor}")
        return f"the best {part} of {basis.trials_in_words} there had {bound} {basis.threshold:.4g}"

    def max_brackets(self, rungs: int) -> int | None:
        return rungs + 1
