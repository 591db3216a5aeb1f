"""Reads the space of a stored job. The same text is parsed once in a process, however often it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tuning.domain.space.search_space import SearchSpace

KEPT = 256
"""Parsed spaces that a process remembers; the least recently read goes first."""


def read_space(definition: Mapping[str, Any], constraints: Sequence[str] = ()) -> SearchSpace:
    """The space that `search_space_json` and `constraints_json` define. Raises InvalidSearchSpace, each time anew.

    The text keeps the order of the parameters, and tells 1 from 1.0 and from true, which compare as equal in Python.
    """
    return _read(json.dumps([definition, list(constraints)]))


@lru_cache(maxsize=KEPT)
def _read(text: str) -> SearchSpace:
    return SearchSpace.parse(*json.loads(text))
