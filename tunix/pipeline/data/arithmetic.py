"""The built-in dataset `arithmetic-v1`: sums that a tiny model learns in seconds with good hyperparameters."""

from __future__ import annotations

import random
from itertools import product

from tunix.pipeline.data.rows import Row

KEY = "arithmetic-v1"
SEED = 1
SIZES = {"train": 3000, "validation": 512, "test": 512}


def generate(seed: int = SEED) -> dict[str, list[Row]]:
    """The rows of each split, all different: sums of four digits, such as `3+0+9+5=` and `17`.

    The same seed gives the same rows.
    """
    sums = list(product(range(10), repeat=4))
    random.Random(seed).shuffle(sums)  # noqa: S311 - not a secret
    rows = iter([Row("+".join(map(str, digits)) + "=", str(sum(digits))) for digits in sums])
    return {split: [next(rows) for _ in range(size)] for split, size in SIZES.items()}
