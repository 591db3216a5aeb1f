"""The English of templates: the field's terms, and none of the phrases that were replaced."""

from __future__ import annotations

import re
from pathlib import Path

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


def replaced_in(template: str) -> dict[str, str]:
    """The phrases in the text of a template, and what is better."""
    text = " ".join(CODE.sub("", COMMENT.sub("", template)).lower().split())
    return {phrase: better for phrase, better in REPLACED.items() if phrase in text}


def test_no_template_has_a_phrase_that_was_replaced() -> None:
    found = {str(path.relative_to(ROOT)): replaced_in(path.read_text()) for path in ROOT.rglob("*.html")}
    assert {name: phrases for name, phrases in found.items() if phrases} == {}


def test_a_phrase_is_found_across_lines_but_not_in_code() -> None:
    assert replaced_in("{% if barred %}{{ barred }}{% comment %}barred{% endcomment %}{% endif %}") == {}
    assert replaced_in("A Data\n  set") == {"data set": "dataset"}
