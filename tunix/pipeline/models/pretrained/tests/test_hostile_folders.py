"""Whatever a folder contains, it is read or refused with faults that can be printed; nothing else is raised."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder

from .reference_cases import CASES
from .tiny import make_folder, write_folder, write_json

VALUES = (
    None, True, 0, -1, 3, 10**30, 0.5, 1e308, "", "default", "\x1b[2J\ud800", "a" * 5000, [], [[]], [{"name": []}],
    {}, {"": {}}, {"rope_type": []}, {"type": {}}, {"factor": "2"}, [True, None], {"vocab": 1}, {"template": 1},
)  # fmt: skip
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json")
EXTRA_KEYS = {
    "config.json": ("text_config", "rope_parameters", "rope_scaling", "layer_types", "architectures", "dtype"),
    "tokenizer.json": ("added_tokens",),
    "tokenizer_config.json": ("eos_token",),
    "generation_config.json": ("eos_token_id",),
}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container in a JSON value with each of its keys."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def outcome_of(folder: Path) -> list[str]:
    try:
        model = inspect_folder(folder)
    except FolderError as error:
        return [text for messages in error.errors.values() for text in messages]
    return [*model.warnings, model.license, model.tokenizer.kind]


@pytest.mark.parametrize("name", ["llama-scaled-new", "gemma3-linear-new", "qwen2-tied"])
@pytest.mark.parametrize("file", FILES)
def test_any_value_anywhere_is_read_or_refused(tmp_path: Path, name: str, file: str) -> None:
    folder = write_folder(tmp_path / "model", CASES[name])
    original = json.loads((folder / file).read_text()) if (folder / file).exists() else {}
    original |= {key: None for key in EXTRA_KEYS[file] if key not in original}
    chosen = random.Random(f"{name} {file}")

    for _ in range(60):
        changed = json.loads(json.dumps(original))
        for _ in range(chosen.randint(1, 2)):
            container, key = chosen.choice(list(places(changed)))
            container[key] = deepcopy(chosen.choice(VALUES))
        write_json(folder / file, changed)

        assert all(text.isprintable() for text in outcome_of(folder))


def test_any_damage_to_the_weights_is_read_or_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    path = folder / "model.safetensors"
    content = path.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    chosen = random.Random(1)

    for _ in range(150):
        length = chosen.choice([len(content), header, chosen.randrange(1, len(content))])
        damaged = bytearray(content[:length])
        for _ in range(chosen.randint(1, 3)):
            damaged[chosen.randrange(min(header, length))] = chosen.randrange(256)
        path.write_bytes(damaged)

        assert all(text.isprintable() for text in outcome_of(folder))


@pytest.mark.parametrize("name", ["LICENSE.\x1b[2J", "LICENSE.\udcff", "NOTICE.\n"])
def test_the_name_of_a_license_file_can_be_printed(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "README.md").unlink()
    (folder / name).write_text("")

    assert inspect_folder(folder).license.isprintable()


def test_the_license_of_a_model_card_can_be_printed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "README.md").write_text("---\nlicense: \x1b[2Jmit\n---\n")

    assert inspect_folder(folder).license.isprintable()
