"""Templates are code: lines of a length that a reviewer can read."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

MAX_LENGTH = 120
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def too_long(path: Path) -> list[int]:
    """Numbers of the lines that are."""
    lines = path.read_text().splitlines()
    return [number for number, line in enumerate(lines, start=1) if len(line) > MAX_LENGTH]


def test_no_line_of_a_template_is_too_long() -> None:
    found = {str(path.relative_to(settings.BASE_DIR)): too_long(path) for path in TEMPLATES}
    assert {name: numbers for name, numbers in found.items() if numbers} == {}
