"""Patterns from outside cannot fill the memory, and usual ones are compiled."""

from __future__ import annotations

import pytest

from tunix.validation.patterns import InvalidPattern, compiled


@pytest.mark.parametrize(
    "pattern",
    [
        "a{99999999999999999999}",
        "(?:a{1000}){1000}",
        "(?:(?:$|^){1000}){1000}x",
        "(a|b){400}{400}",
        "(?:[)]{400}){0,400}",
        "(?x)(?:a? | b) { 1 0 0 0 0 0 }c",
    ],
)
def test_a_pattern_whose_copies_would_fill_the_memory_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="repeats too much"):
        compiled(pattern, 1000)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "2026-01-02 03:04:05"),
        (r"(?:(?:25[0-5]|1?\d{1,2})\.){3}\d{1,3}", "10.0.255.1"),
        ("a{9999}", "a" * 9999),
        (r"\{[0-9]{3,}\}", "{1234}"),
        (r"\p{Lu}{2}[)]{2}", "ÄÖ))"),
    ],
)
def test_a_pattern_may_repeat_its_parts(pattern: str, text: str) -> None:
    assert compiled(pattern, 1000).fullmatch(text)


@pytest.mark.parametrize("pattern", ["[", "(?P<x>", "a{2}{3}{", "(" * 500 + ")" * 500, "*"])
def test_what_does_not_compile_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="not a regular expression"):
        compiled(pattern, 1000)


def test_a_pattern_may_have_so_many_characters() -> None:
    assert compiled("a" * 10, 10)
    with pytest.raises(InvalidPattern, match="more than 10 characters"):
        compiled("a" * 11, 10)
