"""A page of predictions with scores, optionally filtered by outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.pages.lists import page_of

from ..outputs import Predictions

ROWS_PER_PAGE = 50
KINDS = {"right": "right", "wrong": "wrong", "truncated": "cut off", "failed": "not judged"}


def predictions_context(predictions: Predictions, query: Mapping[str, Any]) -> dict[str, Any]:
    """The context of a page of predictions; `query` has `show`, one of KINDS or else all, and `page`."""
    show = query.get("show")
    show = show if show in KINDS else ""
    rows = [row for row in predictions if is_kind(row, show)] if show else predictions
    return {
        "page": page_of(rows, ROWS_PER_PAGE, query.get("page")),
        "show": show,
        "kinds": {"": "all"} | KINDS,
    }


def is_kind(row: Mapping[str, Any], kind: str) -> bool:
    """Whether a row is right (full score), wrong (a lower score), truncated, or failed (could not be judged)."""
    if kind == "truncated":
        return bool(row.get("truncated"))
    if kind == "failed":
        return bool(row.get("error"))
    score = row["score"]
    return score is not None and (score >= 1) == (kind == "right")
