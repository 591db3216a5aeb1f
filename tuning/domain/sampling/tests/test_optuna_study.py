"""A space as Optuna's distributions, there and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import distribution_to_json, json_to_distribution

from tuning.domain.importers.importing import import_definition
from tuning.domain.sampling.optuna_study import distributions, parameters, space_attributes
from tuning.domain.space.distributions.registry import parse_distribution
from tuning.domain.space.search_space import SearchSpace

NUMBERS = st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.6g}"))
WHOLE = st.integers(-1000, 1000)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)


@st.composite
def ranges(draw: Any, kind: str, numbers: Any) -> dict[str, Any]:
    low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    return {"type": kind, "min": low, "max": high}


@st.composite
def steps(draw: Any) -> dict[str, Any]:
    low, q, count = draw(WHOLE), draw(st.integers(1, 20)), draw(st.integers(1, 50))
    if draw(st.booleans()):
        return {"type": "int", "min": low, "max": low + q * count} | ({"step": q} if q > 1 else {})
    return {"type": "quniform", "min": low / 8, "max": (low + q * count) / 8, "q": q / 8}


SURVIVING = st.one_of(
    ranges("uniform", NUMBERS),
    ranges("loguniform", NUMBERS.map(abs).filter(lambda number: number > 1e-6)),
    ranges("logint", st.integers(1, 5000)),
    steps(),
    st.lists(TEXTS | NUMBERS, min_size=2, max_size=5, unique=True).map(
        lambda values: {"type": "choice", "values": values}
    ),
    (TEXTS | WHOLE | st.none()).map(lambda value: {"type": "constant", "value": value}),
)


def space_of(**definitions: Any) -> SearchSpace:
    return SearchSpace({name: parse_distribution(item) for name, item in definitions.items()})


@settings(max_examples=150, deadline=None)
@given(definition=SURVIVING)
def test_what_is_exported_is_imported_as_the_same(definition: Any) -> None:
    space = space_of(p=definition)

    imported = import_definition({"distributions": distributions(space)})

    assert [item.definition for item in imported.unmapped] == [space.to_json()["p"]]
    assert [note.level for note in imported.report] == ["lossy"]  # p is not one of our hyperparameters


@settings(max_examples=100, deadline=None)
@given(definition=SURVIVING)
def test_optuna_writes_the_same(definition: Any) -> None:
    written = distributions(space_of(p=definition))["p"]

    assert json.loads(distribution_to_json(json_to_distribution(json.dumps(written)))) == written


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "normal", "mean": 0.1, "std": 0.02, "min": 0.05, "max": 0.2},
        {"type": "qloguniform", "min": 0.01, "max": 0.1, "q": 0.01},
        {"type": "uniform", "min": 0.0, "max": 0.1},
    ],
)
def test_a_whole_study_brings_back_what_distributions_cannot_say(definition: Any) -> None:
    space = SearchSpace.parse({"warmup_ratio": definition}, ["warmup_ratio <= 0.2"])
    study = {"directions": ["maximize"], "user_attrs": space_attributes(space), "distributions": distributions(space)}

    imported = import_definition(json.dumps(study))

    assert (imported.space, imported.constraints) == (space.to_json(), space.constraints_json())


def test_true_and_1_stay_apart() -> None:
    space = space_of(p={"type": "choice", "values": [True, 1, "a"]})

    assert distributions(space)["p"]["attributes"]["choices"] == ["true", "1", '"a"']
    assert [parameters(space, {"p": value}) for value in (True, 1)] == [{"p": "true"}, {"p": "1"}]


def test_derived_parameters_are_none_of_optunas() -> None:
    space = space_of(r={"type": "int", "min": 1, "max": 4}, a={"type": "derived", "product": "2 * r"})

    assert list(distributions(space)) == ["r"]
    assert parameters(space, {"r": 2, "a": 4}) == {"r": 2}
