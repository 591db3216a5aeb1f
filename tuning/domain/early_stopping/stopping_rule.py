"""The interface of a rule of early stopping. Each rule is a small module in this package, listed in `rules.RULES`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tunix.validation.fields import Fields

MAX_STEPS = 1_000_000

Options = Mapping[str, float]


@dataclass(frozen=True)
class Basis:
    """What a value at a rung is compared with: `threshold`, computed from `trials` other trials at that rung."""

    threshold: float
    trials: int

    @property
    def trials_in_words(self) -> str:
        return f"{self.trials} trial{'' if self.trials == 1 else 's'}"


class StoppingRule(ABC):
    """A rule that may end trials early: its options, its rungs, and how a decision is described."""

    name: str
    option_names: tuple[str, ...]
    needs_max_steps = False
    """Whether `max_steps` is required when rungs are counted in steps."""

    @abstractmethod
    def read_options(self, fields: Fields, unit: str) -> dict[str, float]:
        """The options of the rule, defaults filled in. `unit` is share or steps."""

    @abstractmethod
    def default_grace(self, options: Options) -> float:
        """The first rung, as a share of the training."""

    @abstractmethod
    def rungs(self, grace: float, options: Options) -> Iterator[float]:
        """The rungs from `grace` on, without an end."""

    @abstractmethod
    def basis_in_words(self, basis: Basis, mode: str, options: Options) -> str:
        """What the value of a stopped trial was compared with."""

    def max_brackets(self, rungs: int) -> int | None:
        """The most brackets that so many rungs allow; None for a rule without brackets."""
        return None
