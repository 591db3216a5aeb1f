"""The built-in base models. Metadata only, so that a web process need not load JAX: `gemma3.py` builds them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tunix.validation.did_you_mean import nearest_or_all


class UnknownBaseModel(LookupError):
    """There is no base model with this id."""


class BaseModelError(Exception):
    """A base model that is missing, damaged, or not the requested one."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of a Gemma 3 transformer; `vocabulary` caps the tokens its tokenizer may learn from a dataset."""

    num_layers: int
    embed_dim: int
    hidden_dim: int
    num_heads: int
    head_dim: int
    num_kv_heads: int
    vocabulary: int


@dataclass(frozen=True)
class BaseModelInfo:
    """A base model. `parameters` is approximate, since the embedding has a row per token of the dataset's tokenizer.

    A promoted model has a `folder` with weights and tokenizer, whose hash is `files_hash`; `init_seed` is unused.
    """

    base_model_id: str
    family: str
    parameters: int
    help: str
    init_seed: int
    architecture: Architecture
    source: str = "built in"
    folder: Path | None = None
    files_hash: str = ""

    @property
    def content_hash(self) -> str:
        """The sha256 of what determines the weights: the files, or a built-in model's id, seed and sizes."""
        if self.files_hash:
            return self.files_hash
        decided_by = [self.base_model_id, self.family, self.init_seed, asdict(self.architecture)]
        return hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()


BASE_MODELS: dict[str, BaseModelInfo] = {
    info.base_model_id: info
    for info in (
        BaseModelInfo(
            "tiny-gemma3",
            "gemma3",
            66_000,
            "Gemma 3 with one layer of width 64 and random weights: trains in seconds on one CPU thread.",
            init_seed=20250312,
            architecture=Architecture(1, 64, 256, 4, 16, 1, vocabulary=512),
        ),
        BaseModelInfo(
            "small-gemma3",
            "gemma3",
            750_000,
            "Gemma 3 with two layers of width 128 and random weights: trains in a minute on one CPU thread.",
            init_seed=20250313,
            architecture=Architecture(2, 128, 384, 4, 32, 1, vocabulary=2816),
        ),
    )
}


def base_model(base_model_id: str) -> BaseModelInfo:
    """The base model with this id. Raises UnknownBaseModel, with the nearest known id."""
    try:
        return BASE_MODELS[base_model_id]
    except KeyError:
        hint = nearest_or_all(base_model_id, BASE_MODELS)
        raise UnknownBaseModel(f"Unknown base model '{base_model_id}'.{hint}") from None


def verified(info: BaseModelInfo, content_hash: str) -> BaseModelInfo:
    """The base model, if it has this hash or the hash is empty. Raises BaseModelError."""
    if content_hash not in ("", info.content_hash):
        raise BaseModelError(f"Base model '{info.base_model_id}' does not have the hash {content_hash[:12]}.")
    return info
