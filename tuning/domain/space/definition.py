"""Reads the definition of one parameter, `{"type": "uniform", "min": 0, "max": 1}`, into its distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from tuning.domain.space.bounds import REQUIRED, InvalidDistribution
from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Choice, Constant, Distribution, Int, LogUniform, QUniform, Uniform
from tuning.domain.space.shaped_distributions import LogInt, Normal, QLogUniform
from tunix.validation.did_you_mean import did_you_mean, one_of
from tunix.validation.errors import Faults

DISTRIBUTIONS: dict[str, type[Distribution]] = {
    kind.type: kind
    for kind in (Choice, Uniform, LogUniform, QUniform, QLogUniform, Int, LogInt, Normal, Constant, Derived)
}


def parse_distribution(data: Any) -> Distribution:
    """The distribution that `data` defines. Raises InvalidDistribution with every fault by field."""
    if not isinstance(data, Mapping):
        raise InvalidDistribution({"": ['Must be an object such as {"type": "uniform", "min": 0, "max": 1}.']})
    faults = Faults()
    kind = _kind(data, faults)
    if kind is None:
        raise InvalidDistribution(faults.messages)
    _refuse_unknown_fields(data, kind, faults)
    distribution = _build(kind, data, faults)
    if distribution is None or faults:
        raise InvalidDistribution(faults.messages)
    return distribution


def _kind(data: Mapping[str, Any], faults: Faults) -> type[Distribution] | None:
    name = data.get("type", REQUIRED)
    kind = DISTRIBUTIONS.get(name) if isinstance(name, str) else None
    if name is REQUIRED:
        faults.add("type", f"Required: one of {', '.join(DISTRIBUTIONS)}.")
    elif kind is None:
        faults.add("type", one_of(name, DISTRIBUTIONS))
    return kind


def _refuse_unknown_fields(data: Mapping[str, Any], kind: type[Distribution], faults: Faults) -> None:
    known = [item.name for item in fields(kind)]  # type: ignore[arg-type]
    for key in data:
        if key not in known and key != "type":
            faults.add(str(key), f"Unknown for {kind.type}.{did_you_mean(str(key), known)}")


def _build(kind: type[Distribution], data: Mapping[str, Any], faults: Faults) -> Distribution | None:
    optional = {item.name: item.default for item in fields(kind)}  # type: ignore[arg-type]
    values = {name: data.get(name, REQUIRED if default is MISSING else default) for name, default in optional.items()}
    try:
        return kind(**values)
    except InvalidDistribution as invalid:
        faults.merge(invalid.errors)
        return None
