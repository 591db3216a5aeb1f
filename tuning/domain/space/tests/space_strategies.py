"""Hypothesis strategies: any valid space, and what makes one invalid.

A strategy is made once: making and validating one takes longer than drawing from it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.registry import parse_distribution
from tuning.domain.space.search_space import SearchSpace

NAMES = "abcdefg"
COMPARISONS = ("<=", "<", ">=", ">", "!=")

Definition = dict[str, Any]
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
positive = st.floats(1e-9, 1e6)
integers = st.integers(-(10**6), 10**6)
scalars = st.one_of(numbers, st.integers(2, 99), st.booleans(), st.text("abc", max_size=3), st.none())


def ends(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=2, max_size=2, unique=True).map(sorted)


def continuous() -> st.SearchStrategy[Definition]:
    return st.one_of(
        ends(numbers).map(lambda e: {"type": "uniform", "min": e[0], "max": e[1]}),
        ends(positive).map(lambda e: {"type": "loguniform", "min": e[0], "max": e[1]}),
        st.tuples(st.floats(-9, 9), st.floats(0.1, 9), st.floats(1, 9)).map(
            lambda b: {"type": "normal", "mean": b[0], "std": b[1], "min": b[0] - b[2], "max": b[0] + 1}
        ),
    )


@cache
def finite() -> st.SearchStrategy[Definition]:
    choices = st.lists(scalars, min_size=1, max_size=5, unique_by=lambda value: (isinstance(value, bool), value))
    steps = st.tuples(integers, st.integers(1, 9), st.integers(1, 99))
    tenths = st.tuples(st.integers(1, 99), st.integers(1, 99))
    return st.one_of(
        choices.map(lambda values: {"type": "choice", "values": values}),
        scalars.map(lambda value: {"type": "constant", "value": value}),
        steps.map(lambda s: {"type": "int", "min": s[0], "max": s[0] + s[1] * s[2] + s[1] // 2, "step": s[1]}),
        ends(st.integers(1, 10**6)).map(lambda e: {"type": "int", "min": e[0], "max": e[1], "log": True}),
        ends(st.integers(1, 10**6)).map(lambda e: {"type": "logint", "min": e[0], "max": e[1]}),
        tenths.map(lambda s: {"type": "quniform", "min": s[0] / 10, "max": (s[0] + s[1]) / 10, "q": 0.1}),
        tenths.map(lambda s: {"type": "qloguniform", "min": s[0] / 10, "max": (s[0] + s[1]) / 10, "q": 0.1}),
    )


@cache
def definitions() -> st.SearchStrategy[Definition]:
    """Any definition of a parameter that is valid by itself."""
    return st.one_of(continuous(), finite())


@st.composite
def dependent_definitions(draw: st.DrawFn) -> dict[str, Definition]:
    """Parameters of which each may need those before it, so chains reach to any depth; none needs itself."""
    found: dict[str, Definition] = {}
    for name in NAMES[: draw(st.integers(2, len(NAMES)))]:
        numeric = [other for other, definition in found.items() if _is_number(definition)]
        if numeric and draw(st.integers(0, 3)) == 0:
            factors = [str(draw(st.integers(1, 9))), *draw(st.lists(st.sampled_from(numeric), min_size=1, max_size=2))]
            found[name] = {"type": "derived", "product": " * ".join(factors)}
        else:
            found[name] = draw(definitions())
        parents = [other for other, definition in found.items() if other != name and _is_finite(definition)]
        if parents and draw(st.booleans()):
            chosen = draw(st.lists(st.sampled_from(parents[-2:]), min_size=1, max_size=2, unique=True))
            found[name]["when"] = {other: _some_values(draw, found[other]) for other in chosen}
    return found


@cache
def constraints(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    """Comparisons of parameters with numbers and with each other."""
    side = st.one_of(st.sampled_from(names), st.integers(-9, 9).map(str))
    compared = st.tuples(st.sampled_from(names), st.sampled_from(COMPARISONS), side).map(" ".join)
    return st.lists(compared, max_size=2)


@st.composite
def spaces(draw: st.DrawFn) -> SearchSpace:
    """Any valid space, of any names."""
    plain = draw(dependent_definitions())
    return space_of(plain, draw(constraints(tuple(sorted(plain)))))


def space_of(definitions: dict[str, Definition], comparisons: list[str] | None = None) -> SearchSpace:
    """The space that `SearchSpace.parse` would read, were these the names of hyperparameters."""
    return SearchSpace.parse(definitions, comparisons, any_names=True)


def _is_number(definition: Definition) -> bool:
    return definition["type"] not in {"choice", "constant"}


def _is_finite(definition: Definition) -> bool:
    return definition["type"] != "derived" and _parsed(definition).size is not None


def _parsed(definition: Definition) -> Distribution:
    return parse_distribution({key: value for key, value in definition.items() if key != "when"})


def _some_values(draw: st.DrawFn, definition: Definition) -> list[Any]:
    kind = _parsed(definition)
    places = st.integers(0, (kind.size or 1) - 1)
    return [kind.value_at(place) for place in draw(st.lists(places, min_size=1, max_size=3, unique=True))]
