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


@dataclass(frozen=True)
class Group:
    """So many trials that are compared with each other, from rung `first_rung` on, counted from 1."""

    first_rung: int
    trials: int


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

    @abstractmethod
    def trials_at_a_rung(self, options: Options) -> int:
        """How many trials must have reached a rung, the stopped one included, before one can be stopped there."""

    def groups(self, grace: float, end: float, options: Options, numbers: range, seed: int) -> Iterator[Group]:
        """The trials with these numbers in groups that are compared among themselves. `end` is that of the rungs."""
        yield Group(1, len(numbers))

    def max_brackets(self, rungs: int) -> int | None:
        """The most brackets that so many rungs allow; None for a rule without brackets."""
        return None
