"""Whatever is wrong with a space: it is refused, with the path of the fault."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
from tuning.domain.space.tests.space_strategies import dependent_definitions

Definitions = dict[str, dict[str, Any]]
many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def paths_of(definitions: Any, constraints: Any = None) -> set[str]:
    """The paths of the faults; empty where there are none."""
    try:
        SearchSpace.parse(definitions, constraints, any_names=True)
    except InvalidSearchSpace as invalid:
        assert all(all(messages) for messages in invalid.errors.values())
        return set(invalid.errors)
    return set()


def broken(draw: st.DataObject, plain: Definitions) -> tuple[Definitions, str]:
    """The same space with one thing made wrong, and the path that must be named."""
    name = draw.draw(st.sampled_from(sorted(plain)))
    path = f"{SEARCH_SPACE_PATH}.{name}"
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "no type": ({"values": [1]}, f"{path}.type"),
        "unknown type": ({"type": "gaussian"}, f"{path}.type"),
        "unknown field": ({"type": "constant", "value": 1, "vlaue": 1}, f"{path}.vlaue"),
        "no values": ({"type": "choice", "values": []}, f"{path}.values"),
        "range upside down": ({"type": "uniform", "min": 2, "max": 1}, f"{path}.min"),
        "log of nothing": ({"type": "loguniform", "min": 0, "max": 1}, f"{path}.min"),
        "logint from 0": ({"type": "logint", "min": 0, "max": 4}, f"{path}.min"),
        "no width": ({"type": "normal", "mean": 0, "std": 0, "min": -1, "max": 1}, f"{path}.std"),
        "far bell": ({"type": "normal", "mean": 99, "std": 1, "min": -1, "max": 1}, f"{path}.mean"),
        "no step": ({"type": "qloguniform", "min": 1, "max": 2, "q": 0}, f"{path}.q"),
        "no product": ({"type": "derived", "product": "2 +"}, f"{path}.product"),
        "code": ({"type": "derived", "product": "__import__('os')"}, f"{path}.product"),
        "unknown name": ({"type": "derived", "product": "2 * nobody"}, f"{path}.product"),
        "unknown parent": ({"type": "constant", "value": 1, "when": {"nobody": [1]}}, f"{path}.when.nobody"),
        "no parents": ({"type": "constant", "value": 1, "when": {}}, f"{path}.when"),
        "needs itself": ({"type": "derived", "product": f"2 * {name}"}, SEARCH_SPACE_PATH),
    }
    definition, expected = changes[draw.draw(st.sampled_from(sorted(changes)))]
    return {**plain, name: definition}, expected


@many
@given(dependent_definitions(), st.data())
def test_a_fault_is_named_by_its_path(plain: Definitions, data: st.DataObject) -> None:
    definitions, expected = broken(data, plain)

    found = paths_of(definitions)

    # What depends on a parameter whose values have changed may be wrong as well, or be named instead of a circle.
    assert expected in found or (expected == SEARCH_SPACE_PATH and found)


@many
@given(dependent_definitions(), st.integers(0, 2), st.sampled_from(["a", "a >=", "a >= nobody", "1 < 2", "a < b < c"]))
def test_a_bad_constraint_is_named_by_its_number(plain: Definitions, place: int, text: str) -> None:
    constraints = ["a >= 0"] * 3
    constraints[place] = text

    assert paths_of(plain, constraints) == {f"{CONSTRAINTS_PATH}[{place}]"}


@many
@given(json_values, json_values)
def test_any_json_is_read_or_refused_by_path(definitions: Any, constraints: Any) -> None:
    assert all(path.startswith((SEARCH_SPACE_PATH, CONSTRAINTS_PATH)) for path in paths_of(definitions, constraints))


@many
@given(st.dictionaries(st.sampled_from("ab"), json_values, min_size=1), st.lists(json_values, max_size=2))
def test_any_definition_is_read_or_refused_by_path(definitions: Any, constraints: Any) -> None:
    assert all(path.startswith((SEARCH_SPACE_PATH, CONSTRAINTS_PATH)) for path in paths_of(definitions, constraints))
