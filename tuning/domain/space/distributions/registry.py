"""The kinds of parameters by their `type`. A new kind is added here; everything else reads this list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.choices import Choice, Constant
from tuning.domain.space.distributions.derived import Derived
from tuning.domain.space.distributions.faults import InvalidDistribution
from tuning.domain.space.distributions.integers import Int
from tuning.domain.space.distributions.normal import Normal
from tuning.domain.space.distributions.ranges import LogUniform, Uniform
from tuning.domain.space.distributions.steps import QLogUniform, QUniform
from tunix.validation.did_you_mean import one_of

CLASSES: tuple[type[Distribution], ...] = (
    Choice,
    Uniform,
    LogUniform,
    QUniform,
    QLogUniform,
    Int,
    Normal,
    Constant,
    Derived,
)
KINDS: dict[str, tuple[Kind, type[Distribution]]] = {kind.type: (kind, cls) for cls in CLASSES for kind in cls.kinds}
"""Each type with its description and the class that reads it, in the order in which they are listed."""


def parse_distribution(data: Any) -> Distribution:
    """The distribution that `data` defines. Raises InvalidDistribution with every fault by field."""
    if not isinstance(data, Mapping):
        raise InvalidDistribution({"": ['Must be an object such as {"type": "uniform", "min": 0, "max": 1}.']})
    if "type" not in data:
        raise InvalidDistribution({"type": [f"Required: one of {', '.join(KINDS)}."]})
    name = data["type"]
    if not isinstance(name, str) or name not in KINDS:
        raise InvalidDistribution({"type": [one_of(name, KINDS)]})
    kind, cls = KINDS[name]
    return cls.read(kind, data)
