"""A search space in words, for pages and terminals."""

from __future__ import annotations

from tuning.domain.space.conditions import Condition
from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Choice, Constant, Distribution, Int, QUniform, Uniform
from tuning.domain.space.shaped_distributions import LogInt, Normal
from tunix.pipeline.spec import Scalar


def type_in_words(kind: Distribution) -> str:
    """The type as it is written, with what changes its meaning."""
    return "int (log)" if isinstance(kind, Int) and kind.log else kind.type


def values_in_words(kind: Distribution) -> str:
    """Which values it has."""
    match kind:
        case Choice():
            return ", ".join(_word(value) for value in kind.values)
        case Constant():
            return _word(kind.value)
        case Derived():
            return f"= {kind.product}"
        case Normal():
            return f"{_range(kind.min, kind.max)}, around {_word(kind.mean)} ± {_word(kind.std)}"
        case QUniform():
            return f"{_range(kind.min, kind.max)} in steps of {_word(kind.q)}"
        case Int() if kind.step != 1:
            return f"{_range(kind.min, kind.max)} in steps of {kind.step}"
        case Int() | LogInt() | Uniform():
            return _range(kind.min, kind.max)
    raise TypeError(f"There are no words for {kind!r}.")


def condition_in_words(condition: Condition | None) -> str:
    """When it exists; empty where it always does."""
    if condition is None:
        return ""
    parts = [f"{name} is {' or '.join(map(_word, values))}" for name, values in condition.values.items()]
    return f"where {' and '.join(parts)}"


def _range(low: float, high: float) -> str:
    return f"{_word(low)} to {_word(high)}"


def _word(value: Scalar) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.6g}" if isinstance(value, float) else str(value)
