"""What templates do to values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone

from tunix.pages.json_field import as_text
from tunix.pages.templatetags.pages import bar, duration, number, probability, score, signed, when


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0070134, "0.007013"),
        (20133.2, "20,133"),
        (1e-7, "1e-07"),
        (64, "64"),
        (66000, "66,000"),
        (True, "true"),
        ("adam", "adam"),
    ],
)
def test_numbers_are_short(value: Any, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.88649, "0.886"), (0, "0.000"), (12345.6, "1.23e+04"), (1e-5, "1e-05")])
def test_scores_have_three_digits(value: float, shown: str) -> None:
    assert score(value) == shown


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_a_dash(nothing: Any) -> None:
    assert {number(nothing), score(nothing)} == {"\N{EN DASH}"}


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.25, "4.2 s"), (42, "42 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_in_words(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(hours=2, minutes=7), "2\xa0hours ago"),
        (timedelta(days=9), "1\xa0week ago"),
    ],
)
def test_a_time_is_told_in_its_largest_unit(ago: timedelta, words: str) -> None:
    assert when(timezone.now() - ago)["words"] == words


@pytest.mark.parametrize(("p", "shown"), [(1.2e-66, "< 0.001"), (0.0599, "0.060"), (1.0, "1.000")])
def test_a_tiny_p_value_is_not_spelled_out(p: float, shown: str) -> None:
    assert probability(p) == shown


def test_a_difference_has_its_sign() -> None:
    assert (signed(0.0117), signed(-0.25)) == ("+0.012", "-0.250")


def test_a_bar_counts_what_failed_and_what_was_canceled_apart() -> None:
    shown = bar(8, 4, completed=1, failed=2, running=1)
    widths = {name: shown[f"{name}_width"] for name in ("completed", "failed", "canceled", "running")}
    assert widths == {"completed": "12.50", "failed": "25.00", "canceled": "12.50", "running": "12.50"}


def test_a_bar_of_nothing_is_empty() -> None:
    assert bar(0, 0, 0)["completed_width"] == "0.00"


def rendered(template: str, **context: Any) -> str:
    """`template` rendered for an anonymous user, whitespace collapsed."""
    request = RequestFactory().get("/", {"page": "2"})
    request.user, request.resolver_match = AnonymousUser(), None  # type: ignore[assignment]
    text = Template("{% load pages %}" + template).render(RequestContext(request, context))
    return " ".join(text.split())


def test_a_header_cell_that_does_not_sort_is_plain() -> None:
    cell = rendered('{% th "Rows" "num" %}')
    assert cell == '<th scope="col" class="num"> <div class="text"> Rows </div> </th>'


@pytest.mark.parametrize(
    ("ordering", "direction", "following"),
    [("", "", "rows"), ("rows", "ascending", "-rows"), ("-rows", "descending", "rows"), ("name", "", "rows")],
)
def test_a_header_cell_sorts_and_a_second_click_reverses(ordering: str, direction: str, following: str) -> None:
    cell = rendered('{% th "Rows" sort="rows" %}', ordering=ordering)
    assert f'href="?ordering={following}"' in cell
    assert ("aria-sort" in cell) is bool(direction) and (not direction or f'aria-sort="{direction}"' in cell)


def test_a_header_cell_is_escaped() -> None:
    assert "&lt;b&gt;" in rendered("{% th label %}", label="<b>")


def test_a_list_of_one_has_its_noun_in_the_singular() -> None:
    one, two = (Paginator(range(count), 5).page(1) for count in (1, 2))
    assert "1 entry" in rendered('{% paginator page "entry" "entries" %}', page=one)
    assert "2 entries" in rendered('{% paginator page "entry" "entries" %}', page=two)


def test_json_is_shown_with_a_line_for_each_member() -> None:
    assert as_text({"a": {"b": [1, 2]}, "c": 3}) == '{\n  "a": {"b": [1, 2]},\n  "c": 3\n}'
