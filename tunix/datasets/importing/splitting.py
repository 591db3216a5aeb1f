"""A stable split: the split of a row depends only on its prompt, or on its group, not on the other rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SALT = "tunix-split-1"
"""Stored in the manifest. It is the same for all datasets, so that equal input gives equal versions under any key."""


def split_of(kept_together: str, fractions: Mapping[str, float]) -> str:
    """The split of a prompt or a group, for the given shares of validation and test.

    The hash is a point between 0 and 1. Validation gets the lowest points and test the highest, so that a change of
    one share moves no row of the other. Equal texts are in the same split.
    """
    digest = hashlib.sha256(f"{SALT}\0{kept_together}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < fractions["validation"]:
        return "validation"
    return "test" if point >= 1 - fractions["test"] else "train"
