"""The fingerprint of a configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tunix.pipeline.spec import Scalar


def params_hash(params: Mapping[str, Scalar]) -> str:
    """SHA-256 of canonical JSON, in hex: independent of the order of the names, and the same for 1.0 and 1.

    A database may return an integral float as an integer, so the two must not differ.
    """
    plain = dict(params)
    for name, value in params.items():
        if isinstance(value, float) and value.is_integer():
            plain[name] = int(value)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
