"""The answer of a sampler that is asked for the parameters of a slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.spec import Scalar

SamplerState = Mapping[str, Any]
"""What a sampler needs to know about a slot later, in addition to parameters and outcome: small, plain JSON."""


@dataclass(frozen=True)
class Proposal:
    """Parameters for one slot, and the state to store with them; None if the sampler has no state."""

    params: dict[str, Scalar]
    state: SamplerState | None = None
