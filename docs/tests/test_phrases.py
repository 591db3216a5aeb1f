"""README, documents, templates and messages are in plain English: they contain none of the listed phrases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .phrases import PHRASES, Phrase
from .prose import markdown_prose, python_prose, template_prose

ROOT = Path(__file__).parents[2]
NOT_PRODUCTION = {"tests", "migrations"}


@dataclass(frozen=True)
class Scope:
    """Files of one kind, and how to extract the text that people read."""

    name: str
    files: Callable[[], Iterable[Path]]
    prose: Callable[[str], str]


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def production_code() -> list[Path]:
    files = [path for app in ("tunix", "tuning") for path in (ROOT / app).rglob("*.py")]
    return sorted(path for path in files if NOT_PRODUCTION.isdisjoint(path.relative_to(ROOT).parts))


DOCUMENTS = Scope("documents", documents, markdown_prose)
TEMPLATES = Scope("templates", templates, template_prose)
PYTHON = Scope("python", production_code, python_prose)

SCOPES = (DOCUMENTS, TEMPLATES, PYTHON)

STORED = {"tunix/access/models.py": '"data set"'}
"""Values in databases, which keep their spelling."""


def found_in(prose: str) -> list[str]:
    """One line for each phrase that `prose` contains, in the order of the text."""
    found = [(match, phrase) for phrase in PHRASES for match in phrase.expression.finditer(prose)]
    return [report(match, phrase) for match, phrase in sorted(found, key=lambda pair: pair[0].start())]


def report(match: re.Match[str], phrase: Phrase) -> str:
    line = match.string.count("\n", 0, match.start()) + 1
    return f"line {line}: {' '.join(match[0].split())!r} -> {phrase.instead}"


def found_in_file(scope: Scope, path: Path) -> list[str]:
    text = path.read_text().replace(STORED.get(str(path.relative_to(ROOT)), "\0"), '""')
    return found_in(scope.prose(text))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_no_phrase_comes_back(scope: Scope) -> None:
    found = {str(path.relative_to(ROOT)): found_in_file(scope, path) for path in scope.files()}

    assert {path: phrases for path, phrases in found.items() if phrases} == {}


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.pattern)
def test_each_phrase_finds_its_example(phrase: Phrase) -> None:
    assert phrase.expression.search(phrase.example)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_has_files(scope: Scope) -> None:
    assert all(path.is_file() for path in scope.files())
    assert len(list(scope.files())) > 20


def test_a_phrase_is_found_across_lines_and_its_line_is_named() -> None:
    assert found_in("One.\nA data\nset.") == ["line 2: 'data set' -> dataset"]


def test_code_in_markdown_is_not_prose() -> None:
    text = "A `disqualified` trial.\n```\nbarred\n```\n[see](barred.md)\n<!-- barred -->\nA barred trial."

    assert found_in(markdown_prose(text)) == ["line 7: 'barred' -> disqualified"]


def test_of_a_template_tag_only_its_texts_are_prose() -> None:
    text = '{% if capsule %}{{ capsule.x }}{% include "_verb.html" with label="Go on" reason=barred %}{% endif %}'

    assert found_in(template_prose(text)) == ["line 1: 'Go on' -> Unpause"]


def test_of_python_literals_docstrings_and_comments_are_prose() -> None:
    source = '"""A capsule."""\nbarred = "set_aside"  # barred\nlabel = "a data "\\\n    "set of rows"\n'

    assert found_in(python_prose(source)) == [
        "line 1: 'capsule' -> environment snapshot",
        "line 2: 'barred' -> disqualified",
        "line 3: 'data set' -> dataset",
    ]


def test_names_and_code_inside_python_strings_are_not_prose() -> None:
    source = 'names = ["capsule", "capsule.json"]\ntext = f"Of {barred} trials, `disqualified` names some."\n'

    assert found_in(python_prose(source)) == []
