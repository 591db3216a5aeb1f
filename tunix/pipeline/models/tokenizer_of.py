"""The tokenizer that belongs to a base model and a dataset, without the weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import PairTokenizer
from tunix.pipeline.data.tokenizers import stored as stored_in_cache
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.pipeline.models.promoted import TOKENIZER
from tunix.pipeline.spec import PromptSpec

CACHE = "tokenizers"
"""The folder of tokenizers that were trained on a dataset, inside the folder of all caches."""


def stored_tokenizer(
    info: BaseModelInfo,
    dataset_version: str,
    cache_dir: Path,
    prompt: PromptSpec | None = None,
    rows: Sequence[Row] = (),
) -> RowTokenizer | None:
    """The tokenizer if there is a file of it: of a model with a folder there is, of a built-in one after its first run.

    `prompt` and the training rows are for a model from a folder, whose prompts may begin with some of them. Raises
    BaseModelError.
    """
    if info.folder is None:
        return stored_in_cache(info, dataset_version, cache_dir / CACHE)
    return folder_tokenizer(info, prompt, rows) if info.is_folder else promoted_tokenizer(info)


def folder_tokenizer(info: BaseModelInfo, prompt: PromptSpec | None, rows: Sequence[Row]) -> FolderTokenizer:
    """The tokenizer of a model from a folder. Raises BaseModelError."""
    if info.folder is None:
        raise BaseModelError(f"Base model '{info.base_model_id}' has no files.")
    try:
        return FolderTokenizer(inspect_folder(info.folder), prompt, rows)
    except (FolderError, OSError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: {error}") from error


def promoted_tokenizer(info: BaseModelInfo) -> PairTokenizer:
    """The tokenizer in the folder of a promoted model. Raises BaseModelError if it cannot be read."""
    if info.folder is None:
        raise BaseModelError(f"Base model '{info.base_model_id}' has no files.")
    try:
        return PairTokenizer.from_json((info.folder / TOKENIZER).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: its tokenizer: {error}") from error
