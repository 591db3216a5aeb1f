"""A split that stays: where a row goes depends on its prompt alone, not on the rows around it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SALT = "tunix-split-1"
"""Part of the manifest. The same for all datasets, so that the same input gives the same version under any key."""


def split_of(normalised_prompt: str, fractions: Mapping[str, float]) -> str:
    """The split of a prompt, for shares `fractions` of validation and test.

    The hash is a point between 0 and 1. Validation takes the points from below and test from above, so changing
    one share moves no row of the other. Equal prompts never part.
    """
    digest = hashlib.sha256(f"{SALT}\0{normalised_prompt}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < fractions["validation"]:
        return "validation"
    return "test" if point >= 1 - fractions["test"] else "train"
