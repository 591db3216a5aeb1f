"""A built-in Gemma 3, or one that was promoted from a run on it, as a warm worker holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.numpy
from safetensors import SafetensorError

from tunix.pipeline.data import tokenizers
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import PairTokenizer
from tunix.pipeline.models import checkpoint, gemma3
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.bases import Structure
from tunix.pipeline.models.promoted import WEIGHTS
from tunix.pipeline.models.tokenizer_of import promoted_tokenizer


class BuiltInBase:
    """A Base that is small enough to be copied for each run; all its weights are trained."""

    def __init__(self, info: BaseModelInfo, tokenizer: PairTokenizer, weights: gemma3.Weights) -> None:
        self.tokenizer = tokenizer
        self._info = info
        self._weights = weights

    def build(self, structure: Structure) -> Any:
        if structure.is_adapted:
            raise BaseModelError(
                f"Base model '{self._info.base_model_id}' has random weights, so there is nothing to adapt: use the "
                "method full, or add a pretrained model from a folder."
            )
        try:
            return gemma3.build(self._info.sizes, self.tokenizer.vocab_size, self._weights)
        except (KeyError, ValueError) as error:
            message = f"The weights of base model '{self._info.base_model_id}' do not fit: {error}"
            raise BaseModelError(message) from error

    def start(self, model: Any, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        gemma3.load(model, self._weights)

    def save(self, folder: Path, model: Any, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        checkpoint.save(folder, self._info, self.tokenizer, model)


def built_in_base(info: BaseModelInfo, version: str, rows: Sequence[Row], cache_dir: Path) -> BuiltInBase:
    """The base for a dataset of this version with these training rows.

    A built-in model gets a tokenizer trained on the dataset, and weights from its seed. A promoted model has both in
    its folder. Raises BaseModelError.
    """
    if info.folder is None:
        tokenizer = tokenizers.cached(info, version, rows, cache_dir)
        return BuiltInBase(info, tokenizer, gemma3.initial_weights(info, tokenizer.vocab_size))
    try:
        weights = safetensors.numpy.load((info.folder / WEIGHTS).read_bytes())
        return BuiltInBase(info, promoted_tokenizer(info), weights)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: {error}") from error
