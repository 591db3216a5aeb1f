"""Every time that people read names its zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone
from django.utils.formats import localize

from tunix.api.filtering import InstantPicker

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = [
    path for app in ("tunix", "tuning") for path in sorted((ROOT / app).rglob("*.py")) if "tests" not in path.parts
]
INSTANT = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-07-01 22:30:05 UTC"),
        ("Europe/Berlin", "2026-07-02 00:30:05 CEST"),
        ("Asia/Kolkata", "2026-07-02 04:00:05 IST"),
        ("America/Sao_Paulo", "2026-07-01 19:30:05 -03"),
    ],
)
def test_a_time_is_in_the_zone_of_the_setting_and_names_it(zone: str, shown: str) -> None:
    with timezone.override(zone):
        page = Template("{% load pages %}{{ at|moment }} {% when at %}").render(Context({"at": INSTANT}))
        in_admin = localize(timezone.localtime(INSTANT))
    assert page.startswith(shown)
    assert f'title="{shown}"' in page
    assert in_admin == shown


def test_no_time_is_a_dash() -> None:
    assert Template("{% load pages %}{{ at|moment }}").render(Context({"at": None})) == "\N{EN DASH}"


def formats_in(template: str) -> set[str]:
    """The formats of times other than that for machines, `c`."""
    return set(re.findall(r"""\|\s*(?:date|time)\b(?::"([^"]*)")?""", template)) - {"c"}


def test_no_template_has_a_format_of_its_own() -> None:
    found = {str(path.relative_to(ROOT)): formats_in(path.read_text()) for path in TEMPLATES}
    assert {name: formats for name, formats in found.items() if formats} == {}, "Write {% when value %}."


def test_a_format_of_its_own_is_found() -> None:
    assert formats_in('{{ a|date:"c" }} {{ b | time:"H:i" }} {{ c|date }}') == {"H:i", ""}


def test_no_module_writes_the_time_of_day_without_its_zone() -> None:
    found = {str(path.relative_to(ROOT)): re.findall(r"%H:%M(?!:%S %Z).*", path.read_text()) for path in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-07-01T22:30:05Z", "2026-07-02T00:30:05"),
        ("2026-07-01 22:30+00:00", "2026-07-02T00:30:00"),
        ("2026-07-01T22:30", "2026-07-01T22:30"),
        ("9999-12-31T23:30:00Z", "9999-12-31T23:30:00Z"),
        ("soon", "soon"),
    ],
)
def test_a_picker_shows_the_time_of_a_link(asked: str, shown: str) -> None:
    with timezone.override("Europe/Berlin"):
        assert InstantPicker().format_value(asked) == shown
        assert not InstantPicker().format_value("")
