"""The map of the rooms in docs/architecture.md is the tree, and its layers are the contracts of setup.cfg."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "architecture.md").read_text()
MAP = TEXT.split("## The rooms")[1].split("```")[1]
ENTRY = re.compile(r"[\w.]+(?:/|\.py)")
WITHOUT_A_ROOM = {"tests", "migrations"}


def paths_of(rooms: str) -> list[str]:
    """The path of each folder and file on the map; an indented line lies in the folder above it."""
    paths: list[str] = []
    above: dict[int, str] = {}
    for line in rooms.strip().splitlines():
        depth = len(line) - len(line.lstrip())
        parent = above.get(depth - 2, "")
        names = ENTRY.findall(re.split(r" {2,}", line.strip())[0])
        paths += [parent + name for name in names]
        above[depth] = parent + names[0]
    return paths


PATHS = paths_of(MAP)


def folders_in(package: str) -> set[str]:
    """The sub-packages of a package that hold code of its own."""
    return {
        f"{package}/{path.name}/"
        for path in (ROOT / package).iterdir()
        if (path / "__init__.py").exists() and path.name not in WITHOUT_A_ROOM
    }


def layers_of(contract: str) -> list[set[str]]:
    """The layers of a contract from the highest down, each with the last parts of its packages' names."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    rows = config[f"importlinter:contract:{contract}"]["layers"].split("\n")
    return [{name.split(".")[-1] for name in re.findall(r"[\w.]+", row)} for row in rows if row]


def arrows_in(line_start: str) -> list[set[str]]:
    chain = re.search(rf"^- {line_start}: `([^`]+)`", TEXT, re.MULTILINE)
    assert chain
    return [{name.split(".")[-1] for name in re.findall(r"[\w.]+", layer)} for layer in chain[1].split("->")]


def is_there(path: str) -> bool:
    return (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_every_folder_and_file_on_the_map_exists() -> None:
    assert len(PATHS) > 50
    assert [path for path in PATHS if not is_there(path)] == []


@pytest.mark.parametrize("package", ["tunix", "tuning", "tuning/domain", "tunix/pipeline"])
def test_every_room_is_on_the_map(package: str) -> None:
    assert folders_in(package) <= set(PATHS)


def test_an_indented_line_lies_in_the_folder_above_it() -> None:
    assert paths_of("a/  x\n  b.py c.py  y\n  d/\n    e/\nf/ g/  z") == [
        "a/",
        "a/b.py",
        "a/c.py",
        "a/d/",
        "a/d/e/",
        "f/",
        "g/",
    ]


def test_the_layers_of_tuning_are_those_of_the_contract() -> None:
    assert arrows_in("Inside `tuning`") == layers_of("tuning")


def test_the_layers_of_the_project_are_those_of_the_contract() -> None:
    *upper, lowest = layers_of("rooms")

    assert arrows_in("The project") == [*upper, lowest - {"statistics"}]
