"""Parameters that exist only while others have certain values."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.space.conditions import Condition, condition_faults, in_order, parse_condition
from tuning.domain.space.distributions.choices import Choice
from tuning.domain.space.distributions.ranges import Uniform
from tunix.validation.errors import Faults

PARAMETERS = {"optimizer": Choice(("adamw", "sgd")), "rate": Uniform(0.0, 1.0), "momentum": Uniform(0.0, 1.0)}


def faults_of(**conditions: dict[str, Any]) -> dict[str, list[str]]:
    made = {
        name: Condition({other: tuple(values) for other, values in when.items()}) for name, when in conditions.items()
    }
    return condition_faults(PARAMETERS, made).messages


@pytest.mark.parametrize(
    ("params", "holds"),
    [({"optimizer": "sgd"}, True), ({"optimizer": "adamw"}, False), ({}, False)],
)
def test_a_condition_holds_with_one_of_its_values(params: dict[str, Any], holds: bool) -> None:
    assert Condition({"optimizer": ("sgd", "lion")}).holds(params) is holds


def test_all_others_must_agree() -> None:
    condition = Condition({"optimizer": ("sgd",), "nesterov": (True,)})

    assert condition.holds({"optimizer": "sgd", "nesterov": True})
    assert not condition.holds({"optimizer": "sgd", "nesterov": False})


def test_one_is_not_true() -> None:
    assert not Condition({"nesterov": (True,)}).holds({"nesterov": 1})


def test_a_condition_is_written_as_it_was_read() -> None:
    when = {"optimizer": ["sgd", "lion"], "layers": [1]}
    condition = parse_condition(when, Faults())

    assert condition is not None
    assert condition.to_json() == when


@pytest.mark.parametrize(
    ("data", "path"),
    [([], "when"), ({}, "when"), ({"a": "sgd"}, "when.a"), ({"a": []}, "when.a"), ({"a": [[1]]}, "when.a.0")],
)
def test_what_is_no_condition_is_refused_by_its_path(data: Any, path: str) -> None:
    faults = Faults()
    parse_condition(data, faults)

    assert list(faults.messages) == [path]


def test_an_unknown_parameter_is_named_with_the_nearest() -> None:
    assert "optimizer" in faults_of(momentum={"optimiser": ["sgd"]})["momentum.when.optimiser"][0]


def test_a_value_that_is_never_drawn_is_named() -> None:
    assert faults_of(momentum={"optimizer": ["sgd", "lion"]}) == {
        "momentum.when.optimizer.1": ["'lion' is not a value of that parameter."]
    }


def test_nothing_depends_on_a_value_out_of_infinitely_many() -> None:
    assert "infinitely many" in faults_of(momentum={"rate": [0.5]})["momentum.when.rate"][0]


def test_order_is_sorted_but_for_needs() -> None:
    assert in_order(["d", "c", "b", "a"], {"a": ["d"], "b": ["a"]}) == ("c", "d", "a", "b")


def test_without_needs_order_is_sorted() -> None:
    assert in_order({"b", "a", "c"}, {}) == ("a", "b", "c")


def test_a_circle_is_named() -> None:
    with pytest.raises(ValueError, match="a needs b needs c needs a"):
        in_order(["a", "b", "c", "d"], {"a": ["b"], "b": ["c"], "c": ["a"]})


def test_a_parameter_that_needs_itself_is_a_circle() -> None:
    with pytest.raises(ValueError, match="a needs a"):
        in_order(["a"], {"a": ["a"]})


def test_a_condition_asks_for_at_most_a_thousand_values() -> None:
    faults = Faults()
    parse_condition({"seed": list(range(1001))}, faults)
    assert faults.messages == {"when.seed": ["May have at most 1,000 values."]}
