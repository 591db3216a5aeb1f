"""What a sampler answers when it is asked for the parameters of a slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.spec import Scalar

SamplerState = Mapping[str, Any]
"""What a sampler wants to know of a slot again, beside its parameters and its end: plain JSON, small."""


@dataclass(frozen=True)
class Proposal:
    """Parameters for one slot, and the state to store with them; None where the sampler remembers nothing."""

    params: dict[str, Scalar]
    state: SamplerState | None = None
