"""The three forms that a parameter can take in Optuna. Optuna is imported only when a distribution is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


@dataclass(frozen=True)
class FloatForm:
    """A real number from `low` to `high`, in steps if `step` is given."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def distribution(self) -> FloatDistribution:
        """Optuna's own distribution."""
        from optuna.distributions import FloatDistribution

        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    def suggest(self, trial: Trial, name: str) -> float:
        """Ask a trial for the parameter."""
        return trial.suggest_float(name, self.low, self.high, log=self.log, step=self.step)

    def to_json(self) -> dict[str, Any]:
        """What `optuna.distributions.distribution_to_json` writes."""
        return {"name": "FloatDistribution", "attributes": asdict(self)}


@dataclass(frozen=True)
class IntForm:
    """An integer from `low` to `high`."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    def distribution(self) -> IntDistribution:
        """Optuna's own distribution."""
        from optuna.distributions import IntDistribution

        return IntDistribution(self.low, self.high, log=self.log, step=self.step)

    def suggest(self, trial: Trial, name: str) -> int:
        """Ask a trial for the parameter."""
        return trial.suggest_int(name, self.low, self.high, log=self.log, step=self.step)

    def to_json(self) -> dict[str, Any]:
        """What `optuna.distributions.distribution_to_json` writes."""
        return {"name": "IntDistribution", "attributes": asdict(self)}


@dataclass(frozen=True)
class CategoricalForm:
    """One of `choices`, without an order."""

    choices: Sequence[Scalar]

    def distribution(self) -> CategoricalDistribution:
        """Optuna's own distribution."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.choices)

    def suggest(self, trial: Trial, name: str) -> Any:
        """Ask a trial for the parameter."""
        return trial.suggest_categorical(name, self.choices)

    def to_json(self) -> dict[str, Any]:
        """What `optuna.distributions.distribution_to_json` writes."""
        return {"name": "CategoricalDistribution", "attributes": {"choices": list(self.choices)}}


OptunaForm = FloatForm | IntForm | CategoricalForm
