"""No template of a lower app names an upper app: neither its urls nor its templates, tags or permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import engines

ROOT: Path = settings.BASE_DIR / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
NAMED = {
    "url": re.compile(r"""(?:{% url |_view=)["'](\w+):"""),
    "template": re.compile(r"""{% (?:include|extends) ["'](\w+)/"""),
    "permission": re.compile(r"\bperms\.(\w+)"),
}
LOADED = re.compile(r"{% load ([^%]+) %}")


def layers() -> list[str]:
    """The apps' modules from the lowest to the highest, as the import contract has them."""
    contract = ConfigParser()
    contract.read(settings.BASE_DIR / "setup.cfg")
    rows = contract["importlinter:contract:rooms"]["layers"].split("\n")
    return [row.strip() for row in reversed(rows) if row.strip()]


LAYERS = layers()
APPS = {config.label: config.name for config in apps.get_app_configs() if config.name in LAYERS}


def level_of(label: str) -> int | None:
    """The layer of an app or of a folder of templates; None for what is Django's."""
    if label in {"admin", "auth", "django_htmx", "static"}:
        return None
    return LAYERS.index(APPS.get(label, "tunix.pages"))


def owner_of(path: Path) -> str:
    """The app that a template belongs to; what stands at the top, in partials/ or in admin/ is of pages."""
    folder = path.relative_to(ROOT).parts[0]
    return folder if folder in APPS else "pages"


def tags_of(text: str) -> Iterator[str]:
    """Labels of the apps whose template tags are loaded."""
    modules = engines["django"].engine.libraries
    for names in LOADED.findall(text):
        for name in names.split():
            module = modules[name]
            yield next((label for label, app in APPS.items() if module.startswith(f"{app}.")), "static")


def named_above(text: str, own: int) -> list[tuple[str, str]]:
    """What a template of layer `own` names of the layers above it."""
    found = [(kind, label) for kind, pattern in NAMED.items() for label in pattern.findall(text)]
    found += [("tags", label) for label in tags_of(text)]
    return [(kind, label) for kind, label in found if (level := level_of(label)) is not None and level > own]


def named_above_its_own(path: Path) -> list[tuple[str, str]]:
    own = level_of(owner_of(path))
    assert own is not None
    return named_above(path.read_text(), own)


def test_a_template_names_no_app_above_its_own() -> None:
    found = {str(path.relative_to(ROOT)): named_above_its_own(path) for path in TEMPLATES}
    assert {name: named for name, named in found.items() if named} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{% url "tuning:job-list" %}', [("url", "tuning")]),
        ("{% if perms.evaluation.add_evaluation %}", [("permission", "evaluation")]),
        ('{% include "evaluation/partials/_scores.html" %}', [("template", "evaluation")]),
        ("{% load pages evaluations %}", [("tags", "evaluation")]),
        ('{% url "datasets:dataset-list" %}{% include "runs/partials/_log.html" %}', []),
    ],
)
def test_what_is_above_is_found(text: str, found: list[tuple[str, str]]) -> None:
    own = level_of("runs")
    assert own is not None
    assert named_above(text, own) == found
