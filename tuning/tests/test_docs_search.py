"""docs/search.md is true: what it says of a capability is shown by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "search.md"
CAPABILITIES = PAGE.read_text().split("## Capabilities")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| (?!capability|---)(.+) \|$", CAPABILITIES, re.MULTILINE)
LINK = re.compile(r"\[(test_\w+)\]\(([^)#]+\.py)\)")


def links_of(row: str) -> list[tuple[str, str]]:
    """Name and file of each test that a capability's last cell links to."""
    return LINK.findall(row.rsplit(" | ", 1)[1])


def test_every_capability_is_shown_by_a_test() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if not links_of(row)] == []


def test_every_test_that_shows_a_capability_exists() -> None:
    links = {link for row in ROWS for link in links_of(row)}

    assert sorted(link for link in links if not defines(PAGE.parent / link[1], link[0])) == []


def test_no_capability_is_listed_twice() -> None:
    named = [row.split(" | ")[0] for row in ROWS]

    assert sorted(set(named)) == sorted(named)


def defines(path: Path, name: str) -> bool:
    return path.exists() and re.search(rf"^\s*def {name}\(", path.read_text(), re.MULTILINE) is not None
