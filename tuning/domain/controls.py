"""The trials that a search is held against: their parameters and their seeds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import Scalar

SEED = "seed"


def default_params(searched: Collection[str], fixed: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What the searched hyperparameters are where nobody tunes them; what is fixed stays fixed."""
    names = [name for name in searched if name not in fixed and name != SEED]
    defaults = {name: HYPERPARAMETERS[name].default for name in names}
    if defaults.get("num_steps", ...) is None:  # the number of epochs decides then
        del defaults["num_steps"]
    return defaults


def training_seed(job_seed: int, stage: str, confirmation: int, replicate: int) -> int:
    """A seed that no other stage, confirmation or replicate of a job trains with: 31 bits of a hash."""
    text = f"{job_seed}/{stage}/{confirmation}/{replicate}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def with_seed(params: Mapping[str, Scalar], seed: int) -> dict[str, Scalar]:
    """The same configuration, trained with another seed."""
    return {**params, SEED: seed}
