"""The English of templates: the field's terms, and none of the phrases that were replaced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR / "templates"
REPLACED = {
    "data set": "dataset",
    "cause of death": "failure reason",
    "go on": "unpause, continue",
    "is like that": "no matching ...",
    "nothing stands against": "ready to start",
    "rows at most": "max rows",
    "at the same time": "parallel trials",
    "all the same": "anyway",
    "any more": "no longer",
    "begins": "starts",
    "barred": "disqualified",
    "stands here": "is shown here",
}
CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}", re.DOTALL)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_phrase_that_was_replaced(path: Path) -> None:
    text = " ".join(CODE.sub("", COMMENT.sub("", path.read_text())).lower().split())
    assert {phrase: better for phrase, better in REPLACED.items() if phrase in text} == {}
