"""The built-in base models. Metadata only, so that a web process need not load JAX: `gemma3.py` builds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tunix.validation.did_you_mean import nearest_or_all

BUILT_IN, PROMOTED, ADDED = "built in", "promoted", "added"
"""The sources of base models."""


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
    """A base model. Of a built-in one `parameters` leaves out the embedding, whose size depends on the dataset.

    A promoted or added model has a `folder` with weights and tokenizer, whose hash is `files_hash`; `init_seed` is
    unused. An added model, or one promoted from it, has no `architecture`: its sizes are in its folder.
    """

    base_model_id: str
    family: str
    parameters: int
    help: str
    init_seed: int
    architecture: Architecture | None = None
    source: str = BUILT_IN
    folder: Path | None = None
    files_hash: str = ""

    @property
    def content_hash(self) -> str:
        """The sha256 of what determines the weights: the files, or a built-in model's id, seed and sizes."""
        if self.files_hash:
            return self.files_hash
        decided_by = [self.base_model_id, self.family, self.init_seed, asdict(self.sizes)]
        return hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()

    @property
    def sizes(self) -> Architecture:
        """The architecture of a built-in or promoted model. Raises BaseModelError for an added one."""
        if self.architecture is None:
            raise BaseModelError(f"Base model '{self.base_model_id}' has its sizes in its folder: {self.folder}.")
        return self.architecture

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder in the layout of Hugging Face, added or promoted, which brings its own tokenizer."""
        return self.folder is not None and self.architecture is None


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


def base_model(base_model_id: str, others: Iterable[str] = ()) -> BaseModelInfo:
    """The built-in base model with this id. Raises UnknownBaseModel, with the nearest id of these and `others`."""
    try:
        return BASE_MODELS[base_model_id]
    except KeyError:
        hint = nearest_or_all(base_model_id, [*BASE_MODELS, *others])
        raise UnknownBaseModel(f"Unknown base model '{base_model_id}'.{hint}") from None


def verified(info: BaseModelInfo, content_hash: str) -> BaseModelInfo:
    """The base model, if it has this hash or the hash is empty. Raises BaseModelError."""
    if content_hash not in ("", info.content_hash):
        raise BaseModelError(f"Base model '{info.base_model_id}' does not have the hash {content_hash[:12]}.")
    return info
