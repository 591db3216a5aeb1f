"""Links to a heading of a document lead to a heading that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .prose import FENCED

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!http)([^)#]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as GitHub names them."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_anchor_is_a_heading(path: Path) -> None:
    text = path.read_text()
    links = [(path.parent / page if page else path, anchor) for page, anchor in LINK.findall(text)]

    assert [anchor for page, anchor in links if anchor not in anchors(page.read_text())] == []


def test_an_anchor_is_named_after_its_heading() -> None:
    assert anchors("# The judge's own noise\n```\n# no heading\n```\n") == {"the-judges-own-noise"}
