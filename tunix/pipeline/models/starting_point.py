"""The starting point of a training: the base model's weights, and the tokenizer that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import safetensors.numpy
from safetensors import SafetensorError

from tunix.pipeline.data import tokenizers
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import PairTokenizer
from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.promoted import WEIGHTS
from tunix.pipeline.models.tokenizer_of import promoted_tokenizer

Start = tuple[PairTokenizer, gemma3.Weights]


def starting_point(info: BaseModelInfo, version: str, rows: Sequence[Row], cache_dir: Path) -> Start:
    """Tokenizer and weights for a dataset of this version with these training rows.

    A built-in model gets a tokenizer trained on the dataset, and weights from its seed. A promoted model has both in
    its folder. Raises BaseModelError.
    """
    if info.folder is None:
        tokenizer = tokenizers.cached(info, version, rows, cache_dir)
        return tokenizer, gemma3.initial_weights(info, tokenizer.vocab_size)
    try:
        return promoted_tokenizer(info), safetensors.numpy.load((info.folder / WEIGHTS).read_bytes())
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: {error}") from error
