"""Files of every format become the tokens that transformers makes of them: see `record_format_reference.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.datasets.importing import ImportOptions, Source, prepare
from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.refused_rows import RowsRefused
from tunix.pipeline.data.chat.tests.chat_cases import TEMPLATES
from tunix.pipeline.data.chat.tests.making import make_model, text_of
from tunix.pipeline.data.rows import Row, load_split

from .format_files import FORMATS
from .record_format_reference import REFERENCE

RECORDED: dict[str, Any] = json.loads(REFERENCE.read_text())["templates"]
UNWRITTEN = "does not write"
"""The reason for a row whose calls the template leaves out; transformers says nothing about them."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """The first row of each file, imported without options."""
    found = {}
    for file in FORMATS:
        folder = tmp_path_factory.mktemp("dataset")
        options = ImportOptions(validation_fraction=0, test_fraction=0)
        prepare(folder, {"train": Source.from_bytes(file.name, file.data.encode())}, options, {"key": "tiny"})
        found[file.name] = load_split(folder, "train")[0]
    return found


@pytest.mark.parametrize("template", TEMPLATES)
def test_rows_of_every_format_have_the_ids_of_transformers(template: str, rows: dict[str, Row], tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", TEMPLATES[template]))
    recorded = RECORDED[template]
    refused = refusals(tokenizer, rows)
    assert all(UNWRITTEN in why or why == recorded[name]["problem"].rstrip(".") for name, why in refused.items())

    kept = {name: row for name, row in rows.items() if name not in refused}
    prompts = tokenizer.prompts(list(kept.values()))
    for name, row, prompt in zip(kept, tokenizer.tokenized(list(kept.values())), prompts, strict=True):
        ids = recorded[name]["ids"]
        assert row.tokens == ids[: len(row.tokens)]
        assert text_of(tokenizer, ids[len(row.tokens) :]).strip() == ""
        assert prompt == recorded[name]["prompt"]


def refusals(tokenizer: FolderTokenizer, rows: dict[str, Row]) -> dict[str, str]:
    """The reasons of the rows that the template refuses."""
    try:
        tokenizer.tokenized(list(rows.values()))
    except RowsRefused as refused:
        names = list(rows)
        return {names[finding.line - 1]: finding.problem for finding in refused.findings}
    return {}


def test_every_format_is_recorded() -> None:
    assert {name: list(files) for name, files in RECORDED.items()} == {
        name: [file.name for file in FORMATS] for name in TEMPLATES
    }
