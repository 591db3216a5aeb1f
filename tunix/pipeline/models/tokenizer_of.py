"""The tokenizer that belongs to a base model and a dataset, without the weights."""

from __future__ import annotations

from pathlib import Path

from tunix.pipeline.data.tokenizers import PairTokenizer
from tunix.pipeline.data.tokenizers import stored as stored_in_cache
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.promoted import TOKENIZER

CACHE = "tokenizers"
"""The folder of tokenizers that were trained on a dataset, inside the folder of all caches."""


def stored_tokenizer(info: BaseModelInfo, dataset_version: str, cache_dir: Path) -> PairTokenizer | None:
    """The tokenizer if there is a file of it: of a promoted model there is, of a built-in one after its first run.

    Raises BaseModelError.
    """
    if info.folder is None:
        return stored_in_cache(info, dataset_version, cache_dir / CACHE)
    return promoted_tokenizer(info)


def promoted_tokenizer(info: BaseModelInfo) -> PairTokenizer:
    """The tokenizer in the folder of a promoted model. Raises BaseModelError if it cannot be read."""
    if info.folder is None:
        raise BaseModelError(f"Base model '{info.base_model_id}' has no files.")
    try:
        return PairTokenizer.from_json((info.folder / TOKENIZER).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: its tokenizer: {error}") from error
