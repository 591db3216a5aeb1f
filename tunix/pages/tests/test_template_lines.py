"""Templates are code: lines of a length that a reviewer can read."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

MAX_LENGTH = 120
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_line_of_a_template_is_too_long(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [number for number, line in enumerate(lines, start=1) if len(line) > MAX_LENGTH] == []
