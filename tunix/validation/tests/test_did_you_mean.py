"""The nearest known name to a mistyped one."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.validation.did_you_mean import did_you_mean, nearest_or_all, one_of

KNOWN = ("uniform", "loguniform", "Choice")


@pytest.mark.parametrize(("given", "near"), [("unifrom", "uniform"), ("UNIFORM", "uniform"), ("choise", "Choice")])
def test_a_near_name_is_suggested_as_it_is_spelled(given: str, near: str) -> None:
    assert did_you_mean(given, KNOWN) == f" Did you mean '{near}'?"


@pytest.mark.parametrize("given", ["zzz", "", 5, None, ["uniform"], "uniform" * 100])
def test_nothing_is_suggested_for_what_is_far_from_every_name(given: Any) -> None:
    assert did_you_mean(given, KNOWN) == ""


def test_every_name_is_listed_when_none_is_near() -> None:
    assert nearest_or_all("zzz", KNOWN) == " Known: uniform, loguniform, Choice."
    assert nearest_or_all("unifrom", KNOWN) == " Did you mean 'uniform'?"


def test_a_choice_lists_the_names_and_suggests_one() -> None:
    assert one_of("unifrom", KNOWN) == "Must be one of uniform, loguniform, Choice. Did you mean 'uniform'?"
