"""The documentation is true: its examples are the files it names, every setting and command it names exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tuning.domain.job_definition import FIELDS, JobDefinition
from tuning.domain.space.expressions import parse_product
from tunix.pipeline.hyperparameters import HYPERPARAMETERS

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
JOBS = [path for path in sorted((ROOT / "docs" / "examples").glob("*.json")) if "search_space" in path.read_text()]


def test_the_examples_in_the_text_are_the_files_they_name() -> None:
    text = (ROOT / "docs" / "tuning.md").read_text()

    shown = re.findall(r"<!-- example: (\S+) -->\n```json\n(.*?)```", text, re.DOTALL)

    assert len(shown) == 2
    for name, example in shown:
        assert json.loads(example) == json.loads((ROOT / name).read_text())


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.name)
def test_every_example_of_a_job_is_valid_and_usual(path: Path) -> None:
    assert JobDefinition.parse(json.loads(path.read_text())).warnings == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_product_and_every_parameter_of_a_space_names_hyperparameters(page: Path) -> None:
    text = page.read_text()
    products = {name for product in re.findall(r'"product": "([^"]+)"', text) for name in parse_product(product).names}
    spaces = set(re.findall(r'"(\w+)": \{"type": "', text))

    assert products | spaces <= set(HYPERPARAMETERS)


def test_the_settings_named_are_the_settings_read() -> None:
    read = set(re.findall(r'env(?:\.\w+)?\("(\w+)"', (ROOT / "tunix" / "settings.py").read_text()))
    read |= set(re.findall(r"\$\{(\w+):-", (ROOT / "Procfile").read_text()))
    table = (ROOT / "docs" / "architecture.md").read_text().split("## Settings")[1]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}

    assert named == read


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_exists(page: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", page.read_text()))

    assert named <= set(get_commands())


def test_every_command_of_ours_is_named() -> None:
    ours = {name for name, app in get_commands().items() if app.startswith(("tunix.", "tuning"))}

    assert ours <= set(re.findall(r"manage\.py ([a-z_]+)", "".join(page.read_text() for page in PAGES)))


def test_every_field_of_a_job_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "tuning.md").read_text()))

    assert set(FIELDS) <= named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
