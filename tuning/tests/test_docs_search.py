"""docs/search.md is true: what it says of a capability is shown by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "search.md"
CAPABILITIES = PAGE.read_text().split("## Capabilities")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| (?!capability|---)(.+) \|$", CAPABILITIES, re.MULTILINE)
LINK = re.compile(r"\[(test_\w+)\]\(([^)#]+\.py)\)")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0])
def test_every_capability_is_shown_by_tests_that_exist(row: str) -> None:
    links = LINK.findall(row.rsplit(" | ", 1)[1])

    assert links
    assert [name for name, file in links if not defines(PAGE.parent / file, name)] == []


def test_no_capability_is_listed_twice() -> None:
    named = [row.split(" | ")[0] for row in ROWS]

    assert sorted(set(named)) == sorted(named)


def defines(path: Path, name: str) -> bool:
    return path.exists() and re.search(rf"^\s*def {name}\(", path.read_text(), re.MULTILINE) is not None
