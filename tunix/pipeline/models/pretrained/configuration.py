"""Reads config.json: family, sizes, position embeddings, and everything that Google's models cannot compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.models.pretrained.families import BY_MODEL_TYPE, KEYS, QUERIES, Family
from tunix.pipeline.models.pretrained.keys import CONFIG, Keys
from tunix.pipeline.models.pretrained.rope import Rope, read_rope, read_ropes_by_kind
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults

_MAX_SIZE, _MAX_LAYERS = 2**24, 1000
_LOCAL_THETA = 10_000.0
_HEADS = ("ForCausalLM", "ForConditionalGeneration")


@dataclass(frozen=True)
class ModelConfiguration:
    """What config.json says. `local_rope`, `sliding_window` and `scaled_by_width` are those of Gemma 3.

    `scaled_by_width`: queries are scaled by the width per head, as in Gemma 3 27B, and not by the size of a head.
    """

    family: Family
    model_type: str
    layers: int
    width: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    max_positions: int
    norm_epsilon: float
    tied: bool
    rope: Rope
    local_rope: Rope | None = None
    sliding_window: int = 0
    scaled_by_width: bool = False
    end_token_ids: tuple[int, ...] = ()

    @property
    def sees_images(self) -> bool:
        """Whether the folder has a tower for images beside the language model, as the larger Gemma 3 models do."""
        return self.model_type == "gemma3"

    def size(self, dimension: str) -> int:
        """The size of a dimension that `families.py` names."""
        return {
            "vocab_size": self.vocabulary,
            "hidden_size": self.width,
            "intermediate_size": self.hidden,
            "head_dim": self.head_dim,
            QUERIES: self.heads * self.head_dim,
            KEYS: self.kv_heads * self.head_dim,
        }[dimension]


def read_configuration(data: Mapping[str, Any], faults: Faults) -> ModelConfiguration | None:
    """The configuration, or None if the family is not supported. Other faults are noted, and reading goes on."""
    model_type = data.get("model_type")
    family = BY_MODEL_TYPE.get(model_type) if isinstance(model_type, str) else None
    if family is None or not isinstance(model_type, str):
        faults.add(CONFIG, _unsupported(model_type))
        return None
    stated = {key: value for key, value in _of_text(data).items() if value is not None}
    keys = Keys({**family.defaults, **stated}, faults)
    _refuse_what_is_not_implemented(keys, family)
    return _read(keys, family, model_type)


def _unsupported(model_type: object) -> str:
    if model_type is None:
        return "The key model_type is missing. Copy config.json from the release again."
    hint = did_you_mean(model_type, BY_MODEL_TYPE)
    return (
        f"The architecture {str(model_type)[:60]!r} is not supported; supported are {', '.join(BY_MODEL_TYPE)}.{hint} "
        "Use a checkpoint of one of these."
    )


def _of_text(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of the language model; a model that also sees images keeps them in `text_config`."""
    text = data.get("text_config")
    return {**data, **text} if isinstance(text, Mapping) else data


def _refuse_what_is_not_implemented(keys: Keys, family: Family) -> None:
    for key, values in family.only.items():
        if key in keys.data and keys.data[key] not in values:
            keys.refuse(
                f"{key} is {keys.data[key]!r}, but {family.title} is implemented with {values[0]!r} only. "
                "Use another checkpoint."
            )
    if "quantization_config" in keys.data:
        keys.refuse("The weights are quantized (quantization_config). Use the release that is not quantized.")
    architectures = keys.data.get("architectures")
    if isinstance(architectures, list) and architectures and not str(architectures[0]).endswith(_HEADS):
        keys.refuse(
            f"The model does not generate text: architectures is {architectures[:3]!r}. Use another checkpoint."
        )
    _check_layer_kinds(keys, family)


def _check_layer_kinds(keys: Keys, family: Family) -> None:
    pattern = family.layer_kinds
    kinds = keys.data.get("layer_types")
    if isinstance(kinds, list):
        fits = kinds == [pattern[number % len(pattern)] for number in range(len(kinds))]
    else:
        fits = family.name != "gemma3" or keys.data.get("sliding_window_pattern", len(pattern)) == len(pattern)
    if not fits:
        rule = "full attention in each layer" if len(pattern) == 1 else "five sliding layers before each full one"
        keys.refuse(f"The order of the layers (layer_types) is not supported: {family.title} has {rule}.")


def _read(keys: Keys, family: Family, model_type: str) -> ModelConfiguration:
    heads = keys.whole("num_attention_heads", None, 1, _MAX_SIZE)
    width = keys.whole("hidden_size", None, 1, _MAX_SIZE)
    kv_heads = keys.whole("num_key_value_heads", heads, 1, _MAX_SIZE)
    head_dim = keys.whole("head_dim", max(width // heads, 1), 1, _MAX_SIZE)
    if heads % kv_heads:
        keys.refuse(f"num_attention_heads ({heads}) must be a multiple of num_key_value_heads ({kv_heads}).")
    if head_dim % 2:
        keys.refuse(f"head_dim ({head_dim}) must be even. Copy config.json from the release again.")
    sizes: dict[str, Any] = {
        "layers": keys.whole("num_hidden_layers", None, 1, _MAX_LAYERS),
        "hidden": keys.whole("intermediate_size", None, 1, _MAX_SIZE),
        "vocabulary": keys.whole("vocab_size", None, 1, _MAX_SIZE),
        "max_positions": keys.whole("max_position_embeddings", 0, 1, 2**31),
        "norm_epsilon": keys.number("rms_norm_eps", 1e-6, 0.0, 1.0),
        "tied": keys.flag("tie_word_embeddings", family.tied),
        "end_token_ids": keys.token_ids("eos_token_id"),
    }
    sizes |= {"width": width, "heads": heads, "kv_heads": kv_heads, "head_dim": head_dim}
    if family.name == "gemma3":
        sizes |= _of_gemma3(keys, family, sizes)
    else:
        sizes["rope"] = read_rope(keys, theta=family.theta, rope_types=family.rope_types)
    return ModelConfiguration(family=family, model_type=model_type, **sizes)


def _of_gemma3(keys: Keys, family: Family, sizes: Mapping[str, Any]) -> dict[str, Any]:
    rope, local = read_ropes_by_kind(keys, theta=family.theta, local_theta=_LOCAL_THETA, rope_types=family.rope_types)
    scalar = keys.number("query_pre_attn_scalar", None, 1.0, float(_MAX_SIZE))
    per_head = sizes["width"] // sizes["heads"]
    if scalar not in (sizes["head_dim"], per_head):
        keys.refuse(
            f"query_pre_attn_scalar is {scalar:g}, but must be head_dim ({sizes['head_dim']}) or hidden_size / "
            f"num_attention_heads ({per_head}). Use another checkpoint."
        )
    if not sizes["tied"]:
        keys.refuse("tie_word_embeddings is false, but Gemma 3 is implemented with tied embeddings only.")
    return {
        "rope": rope,
        "local_rope": local,
        "sliding_window": keys.whole("sliding_window", None, 1, 2**31),
        "scaled_by_width": scalar != sizes["head_dim"],
    }
