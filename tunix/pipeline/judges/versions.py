"""The version of a judge that judges with options: scores by other options are another judge's scores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_WITH = " with "
_MOST_CHARACTERS = 150
"""Longer options are a hash in the version, because it is a column of 200 characters."""


def version_with(version: str, options: Mapping[str, Any]) -> str:
    """The version of the judge's rule, and its options, as in `2 with relative_tolerance=0.01`."""
    if not options:
        return version
    told = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in options.items())
    if len(told) > _MOST_CHARACTERS:
        told = f"{', '.join(options)} {hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return f"{version}{_WITH}{told}"


def without_options(version: str) -> str:
    """The version of the judge's rule alone."""
    return version.partition(_WITH)[0]
