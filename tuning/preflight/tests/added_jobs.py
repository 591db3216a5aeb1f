"""Jobs on a tiny model from a folder, with a chat template."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tuning.tests.factories import job_request, make_base_model
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.pipeline.data.chat.tests.chat_cases import MERGED_SYSTEM
from tunix.pipeline.data.chat.tests.making import make_model
from tunix.pipeline.models.added import source_of, write_source

Pairs = Sequence[tuple[str, str]]
QUESTIONS = [(f"is {n} {word}", answer) for word, answer in (("even", "yes"), ("odd", "no")) for n in range(6)]


def import_rows(
    key: str, train: Sequence[Any], validation: Sequence[Any], test: Sequence[Any] = (), **options: Any
) -> Dataset:
    """A dataset of rows, each a pair or the object of a stored line."""
    sources = {
        split: Source.from_bytes(f"{split}.jsonl", "".join(map(_line, rows)).encode())
        for split, rows in (("train", train), ("validation", validation), ("test", test))
        if rows
    }
    return import_dataset(key=key, sources=sources, options=ImportOptions(**options))


def questions(split: str, pairs: Pairs = QUESTIONS) -> list[tuple[str, str]]:
    """Pairs with the split in each prompt, so that no prompt is in two."""
    return [(f"{split}: {prompt}", answer) for prompt, answer in pairs]


def add_tiny_model(base_model_id: str = "tiny-llama", template: str | None = MERGED_SYSTEM, **config: Any) -> str:
    """The id of a model of two layers whose folder is in the artifacts."""
    folder = settings.ARTIFACTS_DIR / "folders" / base_model_id
    folder.parent.mkdir(parents=True, exist_ok=True)
    model = make_model(Path(folder), template, **config)
    content_hash = write_source(settings.ARTIFACTS_DIR, source_of(settings.ARTIFACTS_DIR, base_model_id, model))
    columns = {"family": "llama3", "parameters": model.parameters, "content_hash": content_hash}
    return make_base_model(base_model_id=base_model_id, source="added", **columns).base_model_id


def job_on(dataset: Dataset, **overrides: Any) -> TuningJob:
    """A created job on these rows."""
    return create_job(data=job_request(**{"dataset_key": dataset.key} | overrides), owner=None)


def _line(row: Any) -> str:
    stored = {"prompt": row[0], "answer": row[1]} if isinstance(row, tuple) else row
    return f"{json.dumps(stored)}\n"
