"""CSV that no spreadsheet runs."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.pages.spreadsheet import csv_lines, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, -0.5, 1e-4, True, None, "adamw", "", "a=b"])
def test_other_values_stay(value: Any) -> None:
    assert safe_cell(value) is value


def test_lines_are_quoted_where_they_must_be() -> None:
    assert list(csv_lines(["a", "b"], [[1, None], ['x,"y"', "two\nlines"]])) == [
        "a,b\r\n",
        "1,\r\n",
        '"x,""y""","two\nlines"\r\n',
    ]


@pytest.mark.parametrize(
    "text",
    ["\n=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", " \u00a0=1", "\u200b=1", "\ufeff =1", "\nplain"],
)
def test_formula_behind_breaks_or_in_full_width_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
