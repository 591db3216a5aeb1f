"""Values in words, for pages and terminals."""

from __future__ import annotations

from tunix.pipeline.spec import Scalar


def value_label(value: Scalar) -> str:
    """A value as it is written in JSON, numbers with at most six digits, text without quotation marks."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.6g}" if isinstance(value, float) else str(value)
