"""What is known about a checked folder, by the names that commands, pages and the API use."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.rope import Rope

NO_TEMPLATE, NOT_STATED = "none", "not stated"


def description(model: PretrainedModel, *, with_hash: bool) -> dict[str, Any]:
    """What was read. Reads the weights only for `with_hash`, and then raises OSError."""
    configuration = model.configuration
    described: dict[str, Any] = {
        "folder": str(model.folder),
        "family": configuration.family.name,
        "parameters": model.parameters,
        "bytes_of_weights": model.bytes_of_weights,
        "dtype": model.dtype,
        "layers": configuration.layers,
        "hidden_size": configuration.width,
        "intermediate_size": configuration.hidden,
        "heads": configuration.heads,
        "kv_heads": configuration.kv_heads,
        "head_dim": configuration.head_dim,
        "vocab_size": configuration.vocabulary,
        "max_positions": configuration.max_positions,
        "tied_embeddings": configuration.tied,
        "rope": rope_in_words(configuration.rope),
        "sliding_rope": rope_in_words(configuration.local_rope) if configuration.local_rope else None,
        "tokenizer": f"{model.tokenizer.kind}, {model.tokenizer.tokens:,} tokens",
        "end_token_ids": list(model.end_token_ids),
        "chat_template": model.chat_template.file if model.chat_template else NO_TEMPLATE,
        "license": model.license or NOT_STATED,
        "weight_files": list(model.weight_files),
        "warnings": list(model.warnings),
    }
    if with_hash:
        described["content_hash"] = model.content_hash
    return described


def rope_in_words(rope: Rope) -> str:
    """Base frequency and scaling on one line."""
    scaling = "" if rope.rope_type == "default" else f", {rope.rope_type} scaling by {rope.factor:g}"
    length = f" beyond {rope.original_length:g} positions" if rope.rope_type == "llama3" else ""
    return f"theta {rope.theta:,.10g}{scaling}{length}"


def in_a_line(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
