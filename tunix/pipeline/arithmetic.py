"""The built-in dataset `arithmetic-v1`: sums that a tiny model learns in seconds, if its settings are good."""

from __future__ import annotations

import random

from tunix.pipeline.data import Row

KEY = "arithmetic-v1"
SIZES = {"train": 3000, "validation": 512, "test": 512}


def generate(seed: int = 0) -> dict[str, list[Row]]:
    """The rows of each split, no two of them alike; the same for the same seed."""
    pairs = [(left, right) for left in range(100) for right in range(100)]
    random.Random(seed).shuffle(pairs)  # noqa: S311 - not a secret
    rows = iter([Row(f"{a}+{b}=", str(a + b)) for a, b in pairs])
    return {split: [next(rows) for _ in range(size)] for split, size in SIZES.items()}
