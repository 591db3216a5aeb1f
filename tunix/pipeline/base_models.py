"""The models a run can start from. Metadata only: `gemma3.py` builds them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches


class UnknownBaseModel(LookupError):
    """No base model has this id."""


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
    """A base model. `parameters` is approximate: the embedding has a row for each token of the dataset's."""

    base_model_id: str
    family: str
    parameters: int
    help: str
    init_seed: int
    architecture: Architecture
    source: str = "built in"


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
        matches = get_close_matches(base_model_id, BASE_MODELS, n=1)
        hint = f" Did you mean '{matches[0]}'?" if matches else f" Known: {', '.join(BASE_MODELS)}."
        raise UnknownBaseModel(f"Unknown base model '{base_model_id}'.{hint}") from None
