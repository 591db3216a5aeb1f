"""What a training starts from: the base model that a spec names, as a warm worker holds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunix.pipeline.data.rows import Row
from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.models.bases import Base
from tunix.pipeline.models.built_in_base import built_in_base
from tunix.pipeline.models.folder_base import folder_base
from tunix.pipeline.models.tokenizer_of import CACHE
from tunix.pipeline.spec import PromptSpec


def base_of(info: BaseModelInfo, version: str, rows: Sequence[Row], prompt: PromptSpec, cache_dir: Path) -> Base:
    """The base model for a dataset of this version with these training rows. Raises BaseModelError."""
    if info.is_folder:
        return folder_base(info, rows, prompt)
    return built_in_base(info, version, rows, cache_dir / CACHE)
