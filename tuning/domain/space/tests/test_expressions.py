"""Products and comparisons: what is read, what they come to, and what is refused."""

from __future__ import annotations

import pytest

from tuning.domain.space.expressions import (
    COMPARISON_EXAMPLE,
    PRODUCT_EXAMPLE,
    InvalidExpression,
    Product,
    parse_comparison,
    parse_product,
)
from tunix.pipeline.hyperparameters import HYPERPARAMETERS


@pytest.mark.parametrize(
    ("text", "factor", "names"),
    [
        ("2 * batch_size", 2, ("batch_size",)),
        ("batch_size", 1, ("batch_size",)),
        ("0.5*a*3*b", 1.5, ("a", "b")),
        ("-2 * a", -2, ("a",)),
        (" 1e-3 ", 0.001, ()),
        ("a * a", 1, ("a", "a")),
    ],
)
def test_a_product_is_read(text: str, factor: float, names: tuple[str, ...]) -> None:
    assert parse_product(text) == Product(factor, names)


def test_a_product_of_whole_numbers_is_whole() -> None:
    value = parse_product("2 * rank").value({"rank": 8})

    assert value == 16
    assert isinstance(value, int)


@pytest.mark.parametrize("params", [{}, {"rank": None}, {"rank": "8"}, {"rank": True}])
def test_a_product_without_its_parameter_has_no_value(params: dict[str, object]) -> None:
    assert parse_product("2 * rank").value(params) is None


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("alpha >= rank", True),
        ("alpha == 2 * rank", True),
        ("alpha < rank", False),
        ("alpha != 16", False),
        ("alpha > rank", True),
        ("alpha <= rank", False),
    ],
)
def test_a_comparison(text: str, holds: bool) -> None:
    assert parse_comparison(text).holds({"alpha": 16, "rank": 8}) is holds


def test_a_comparison_with_what_is_not_there_says_nothing() -> None:
    assert parse_comparison("alpha < rank").holds({"alpha": 16})


def test_what_messages_advise_can_be_used() -> None:
    named = {*parse_product(PRODUCT_EXAMPLE).names, *parse_comparison(COMPARISON_EXAMPLE).names}

    assert named <= set(HYPERPARAMETERS)


def test_a_comparison_names_its_parameters_once() -> None:
    assert parse_comparison("a * b >= 2 * a").names == ("a", "b")


@pytest.mark.parametrize("text", ["2 * batch_size", "beta2 >= 0.5 * beta1", "a * a < -3", "1e-07 * a == b"])
def test_what_is_written_is_read_again(text: str) -> None:
    parse = parse_comparison if any(sign in text for sign in "<>=") else parse_product

    assert str(parse(text)) == text
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2 *",
        "a + b",
        "a ** 2",
        "f(a)",
        "a.b",
        "'a' * 2",
        "True * a",
        "a[0]",
        "lambda: 1",
        "1e308 * 10",
        "((",
        "\x00",
    ],
)
def test_what_is_no_product_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_product(text)


@pytest.mark.parametrize("text", ["a", "a <= b <= c", "a in b", "1 < 2", "a = b", "a and b", "a is b"])
def test_what_is_no_comparison_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_comparison(text)


def test_the_refusal_names_the_part() -> None:
    with pytest.raises(InvalidExpression, match="'a \\+ b' is not a number"):
        parse_comparison("c >= a + b")


def test_a_long_text_is_refused_unread() -> None:
    with pytest.raises(InvalidExpression, match="at most 200"):
        parse_product("a*" * 500 + "a")
