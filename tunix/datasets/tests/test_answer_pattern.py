"""A pattern takes the answer out of a longer text."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import rows
from tunix.pipeline.data.rows import load_split

from .making import import_train, jsonl

pytestmark = pytest.mark.django_db


def answer_of(text: str, pattern: str) -> str:
    dataset = import_train(jsonl([("q", text)]), answer_pattern=pattern)
    return load_split(dataset.folder, "train")[0].answer


def errors_of(text: str, pattern: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        answer_of(text, pattern)
    return error.value.errors


def test_the_group() -> None:
    assert answer_of("6 * 7 is 42.\n#### 42", "#### (.+)") == "42"


def test_the_whole_match_without_a_group() -> None:
    assert answer_of("It is 42 then.", r"\d+") == "42"


def test_answer_without_a_match_is_a_bad_row() -> None:
    assert errors_of("no idea", "#### (.+)") == {"train.1": ["The answer pattern does not match 'no idea'."]}


def test_pattern_that_is_no_regular_expression() -> None:
    assert errors_of("x", "(")["answer_pattern"][0].startswith("The pattern is not a regular expression: missing )")


def test_two_groups() -> None:
    assert errors_of("x", "(a)(b)")["answer_pattern"] == [
        "The pattern has 2 groups; use one, and (?:...) for the others."
    ]


def test_long_pattern() -> None:
    assert errors_of("x", "a" * 201) == {"answer_pattern": ["The pattern has more than 200 characters."]}


def test_pattern_that_backtracks_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PATTERN_SECONDS", 0.05)
    errors = errors_of("a" * 60 + "b", "^(?:a|aa)+$")
    assert "it backtracks too much" in errors["answer_pattern"][0]
