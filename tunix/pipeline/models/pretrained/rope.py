"""Rotary position embeddings: what config.json says of them, in both spellings, and their frequencies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.models.pretrained.keys import Keys

MAX_NUMBER = 1e12


@dataclass(frozen=True)
class Rope:
    """Base frequency and scaling. `original_length` and the two frequency factors are used by `llama3` only."""

    theta: float
    rope_type: str = "default"
    factor: float = 1.0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_length: float = 0.0

    def inverse_frequencies(self, head_dim: int) -> list[float]:
        """Radians per position for each pair of a head's features, the fastest first.

        `llama3` divides slow frequencies by the factor, keeps fast ones, and blends those between them: see section
        "RoPE" of the Llama 3.1 release, https://github.com/meta-llama/llama-models.
        """
        plain = [self.theta ** -(feature / head_dim) for feature in range(0, head_dim, 2)]
        if self.rope_type == "llama3":
            return [frequency * self._llama3_scale(frequency) for frequency in plain]
        return [frequency / self.factor for frequency in plain]

    def _llama3_scale(self, frequency: float) -> float:
        turns = self.original_length * frequency / (2 * math.pi)
        kept = (turns - self.low_freq_factor) / (self.high_freq_factor - self.low_freq_factor)
        kept = min(max(kept, 0.0), 1.0)
        return kept + (1 - kept) / self.factor


def read_rope(keys: Keys, *, theta: float, rope_types: tuple[str, ...]) -> Rope:
    """The embedding of a model with one kind of layer: `rope_parameters`, or `rope_theta` with `rope_scaling`."""
    named = keys.object("rope_parameters")
    return _read(keys, _merged(keys, named), theta, rope_types)


def read_ropes_by_kind(
    keys: Keys, *, theta: float, local_theta: float, rope_types: tuple[str, ...]
) -> tuple[Rope, Rope]:
    """The embeddings of Gemma 3's full and sliding attention; in the older spelling, only the first can be scaled."""
    named = keys.object("rope_parameters")
    nested = "full_attention" in named or "sliding_attention" in named
    full = keys.object("full_attention", within=named, path="rope_parameters") if nested else named
    sliding = keys.object("sliding_attention", within=named, path="rope_parameters") if nested else {}
    if not sliding:
        sliding = {"rope_theta": keys.number("rope_local_base_freq", local_theta, 1.0, MAX_NUMBER)}
    return (
        _read(keys, _merged(keys, full), theta, rope_types),
        _read(keys, sliding, local_theta, rope_types),
    )


def _merged(keys: Keys, named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both spellings in one object. Noted as a fault where they contradict each other."""
    older = dict(keys.object("rope_scaling"))
    if keys.data.get("rope_theta") is not None:
        older["rope_theta"] = keys.data["rope_theta"]
    if "type" in older:
        older.setdefault("rope_type", older["type"])
    for key in older.keys() & named.keys():
        if older[key] != named[key]:
            keys.refuse(
                f"rope_parameters.{key} is {named[key]!r}, but the older key of the same meaning says {older[key]!r}. "
                "Remove the one that is wrong."
            )
    return {**older, **named}


def _read(keys: Keys, values: Mapping[str, Any], theta: float, rope_types: tuple[str, ...]) -> Rope:
    rope_type = values.get("rope_type", values.get("type", "default"))
    if rope_type != values.get("type", rope_type):
        keys.refuse(
            f"rope_type is {rope_type!r}, but its older name, type, is {values['type']!r}. Remove the wrong one."
        )
    if rope_type not in rope_types:
        keys.refuse(
            f"rope_type is {rope_type!r}, which is not supported; supported are {', '.join(rope_types)}. Without it "
            "the answers would be wrong. Use a checkpoint without this scaling."
        )
        return Rope(theta)
    if values.get("partial_rotary_factor", 1.0) != 1.0:
        keys.refuse("partial_rotary_factor is not 1, which is not supported. Use another checkpoint.")
    found = keys.number("rope_theta", theta, 1.0, MAX_NUMBER, within=values)
    if rope_type == "default":
        return Rope(found)
    factor = keys.number("factor", None, 1.0, MAX_NUMBER, within=values)
    if rope_type == "linear":
        return Rope(found, rope_type, factor)
    low = keys.number("low_freq_factor", None, 1e-6, MAX_NUMBER, within=values)
    high = keys.number("high_freq_factor", None, 1e-6, MAX_NUMBER, within=values)
    if high <= low:
        keys.refuse("high_freq_factor must be greater than low_freq_factor. Copy config.json from the release again.")
        return Rope(found)
    length = keys.number("original_max_position_embeddings", _trained_length(keys), 1.0, MAX_NUMBER, within=values)
    return Rope(found, rope_type, factor, low, high, length)


def _trained_length(keys: Keys) -> float | None:
    value = keys.data.get("max_position_embeddings")
    return float(value) if type(value) is int else None
