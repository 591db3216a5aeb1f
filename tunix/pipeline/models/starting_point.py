"""What a training starts from: the base model that a spec names, as a warm worker holds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunix.pipeline.data.chat.examples import MAX_ROWS_READ
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import VerifiedDataset
from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.models.bases import Base
from tunix.pipeline.models.built_in_base import built_in_base
from tunix.pipeline.models.folder_base import folder_base
from tunix.pipeline.models.tokenizer_of import CACHE
from tunix.pipeline.spec import PromptSpec, RowOrder


def base_of(
    info: BaseModelInfo, dataset: VerifiedDataset, prompt: PromptSpec, order: RowOrder, cache_dir: Path
) -> Base:
    """The base model for a dataset, of whose rows some may be shown before each prompt.

    Raises BaseModelError, DatasetError.
    """
    rows = training_rows_of(dataset)
    if info.is_folder:
        return folder_base(info, examples_from(dataset, prompt, order), prompt)
    return built_in_base(info, dataset.version, rows, cache_dir / CACHE)


def training_rows_of(dataset: VerifiedDataset) -> list[Row]:
    """All training rows, at least one. Raises DatasetError."""
    rows = dataset.rows("train")
    if not rows:
        raise DatasetError(f"The train split of dataset '{dataset.folder.name}' has no rows.")
    return rows


def examples_from(dataset: VerifiedDataset, prompt: PromptSpec, order: RowOrder) -> Sequence[Row]:
    """The training rows of which the examples before each prompt are the first that fit; none without examples."""
    return dataset.sample("train", MAX_ROWS_READ, order).rows if prompt.examples else ()
