"""Reads the space of a stored job. Each process parses the same text only once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tuning.domain.space.search_space import SearchSpace

KEPT = 256
"""The number of parsed spaces in the cache; the least recently used is dropped first."""


def read_space(definition: Mapping[str, Any], constraints: Sequence[str] = ()) -> SearchSpace:
    """The space that `search_space_json` and `constraints_json` define. Raises InvalidSearchSpace.

    The key of the cache is text, which keeps the order of parameters and the difference between 1, 1.0 and true.
    """
    return _read(json.dumps([definition, list(constraints)]))


@lru_cache(maxsize=KEPT)
def _read(text: str) -> SearchSpace:
    return SearchSpace.parse(*json.loads(text))
