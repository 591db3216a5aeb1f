"""Names are one line of text that a page and a log show as it is."""

from __future__ import annotations

import pytest

from tunix.validation.errors import Faults
from tunix.validation.fields import Fields


def refused(text: str) -> bool:
    faults = Faults()
    Fields({"name": text}, faults, known=("name",)).name("name", max_length=50)
    return bool(faults)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\tb", "\x1b[31mred", "a\x7f", "a\u2028b", "\u202eevil", "a\u2066b", "a\x85"]
)
def test_control_characters_in_a_name_are_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize("text", ["sums, lr 3e-4", "Übung", "数学", "👩‍🚀 run", "a b"])
def test_names_of_any_language_are_accepted(text: str) -> None:
    assert not refused(text)


@pytest.mark.parametrize("text", ["", "a" * 51, "\x00"])
def test_name_is_a_text_with_its_limits(text: str) -> None:
    assert refused(text)
