"""What docs/ gives to operators fits the code: units, settings, metrics, tests that are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tunix.operations.exposition import exposition

ROOT = Path(settings.BASE_DIR)
UNITS = sorted((ROOT / "docs" / "systemd").glob("*.service"))
SETTINGS_READ = set(re.findall(r'env(?:\.\w+)?\("(\w+)"', (ROOT / "tunix" / "settings.py").read_text()))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_what_the_procfile_starts(unit: Path) -> None:
    (command,) = re.findall(r"^ExecStart=/opt/tunix/\.venv/bin/(.*)$", unit.read_text(), re.MULTILINE)
    procfile = (ROOT / "Procfile").read_text()
    first, second = command.split()[:2]
    assert f"{first} {second}" in procfile
    assert re.findall(r"--pool \w+", command) == (["--pool threads"] if first == "celery" else [])


def test_a_worker_is_stopped_before_its_runners() -> None:
    text = (ROOT / "docs" / "systemd" / "tunix-worker.service").read_text()
    assert {"KillSignal=SIGTERM", "KillMode=mixed", "TimeoutStopSec=60"} <= set(text.splitlines())


def test_every_setting_of_the_example_exists() -> None:
    text = (ROOT / "docs" / "systemd" / "tunix.env").read_text()
    assert set(re.findall(r"^(\w+)=", text, re.MULTILINE)) <= SETTINGS_READ


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["monitoring/alerts.yml", "operations.md"])
def test_every_metric_named_exists(page: str) -> None:
    families = set(re.findall(r"^# TYPE (\w+)", exposition("")[0].decode(), re.MULTILINE))
    named = set(re.findall(r"(?<![\w/-])tunix_\w+", (ROOT / "docs" / page).read_text()))
    assert named
    assert named <= families


@pytest.mark.django_db
def test_every_metric_is_explained() -> None:
    families = set(re.findall(r"^# TYPE (\w+)", exposition("")[0].decode(), re.MULTILINE))
    assert families <= set(re.findall(r"`(tunix_\w+)`", (ROOT / "docs" / "operations.md").read_text()))


def test_every_test_named_in_the_security_list_exists() -> None:
    named = set(re.findall(r"`((?:tunix|tuning)/[\w/]+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
