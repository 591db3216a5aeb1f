"""What a history says of a change."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.changes import changes_in_words

CASES: list[tuple[dict[str, tuple[Any, Any]], str]] = [
    ({"max_concurrent_trials": (1, 2)}, "max_concurrent_trials 1 -> 2"),
    ({"num_samples": (8, 8)}, ""),
    ({"name": ("a", "b")}, 'name "a" -> "b"'),
    ({"notes": ("a long text", "another")}, "notes"),
    (
        {"budget_json": ({"max_seconds": None, "max_failed_trials": 3}, {"max_seconds": 60.0, "max_failed_trials": 3})},
        "budget_json.max_seconds none -> 60",
    ),
    ({"budget_json": ({}, {"max_seconds": 1.5})}, "budget_json.max_seconds none -> 1.5"),
    ({"search_space_json": ({}, {"batch_size": {}})}, "search_space_json"),
    ({"notes": ("a", "b"), "seed": (0, 5)}, "notes, seed 0 -> 5"),
]


@pytest.mark.parametrize(("values", "words"), CASES)
def test_a_change_says_from_what_to_what(values: dict[str, tuple[Any, Any]], words: str) -> None:
    assert changes_in_words(values) == words
