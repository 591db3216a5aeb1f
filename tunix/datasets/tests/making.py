"""Small inputs for tests of datasets, and datasets made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset

Pairs = Iterable[tuple[str, str]]


def pairs(count: int, start: int = 0) -> list[tuple[str, str]]:
    """Rows that differ from each other."""
    return [(f"question {number}", f"answer {number}") for number in range(start, start + count)]


def jsonl(rows: Pairs) -> bytes:
    """Rows as JSON lines."""
    return "".join(json.dumps({"prompt": prompt, "answer": answer}) + "\n" for prompt, answer in rows).encode()


def given_splits() -> dict[str, Source]:
    """Three small files without an overlap."""
    return {
        "train": Source.from_bytes("train.jsonl", jsonl(pairs(6))),
        "validation": Source.from_bytes("validation.jsonl", jsonl(pairs(3, 6))),
        "test": Source.from_bytes("test.jsonl", jsonl(pairs(2, 9))),
    }


def make_dataset(key: str = "tiny", **overrides: Any) -> Dataset:
    """A dataset of eleven rows, unless told otherwise."""
    return import_dataset(key=key, **{"sources": given_splits(), **overrides})


def import_train(data: bytes, name: str = "train.jsonl", key: str = "tiny", **options: Any) -> Dataset:
    """A dataset of one train file and nothing else."""
    chosen = ImportOptions(**{"validation_fraction": 0, "test_fraction": 0, **options})
    return import_dataset(key=key, sources={"train": Source.from_bytes(name, data)}, options=chosen)
