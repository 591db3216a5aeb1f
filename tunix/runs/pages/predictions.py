"""A page of predictions with their scores, all of them or the right or wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator

from ..outputs import Predictions

ROWS_A_PAGE = 50
KINDS = {"right": "right", "wrong": "wrong", "truncated": "cut off", "failed": "not judged"}


def predictions_context(predictions: Predictions, query: Mapping[str, Any]) -> dict[str, Any]:
    """The page that `query` asks for: `show` (one of KINDS, else all) and `page`."""
    show = query.get("show")
    show = show if show in KINDS else ""
    rows = [row for row in predictions if is_kind(row, show)] if show else predictions
    return {
        "page": Paginator(rows, ROWS_A_PAGE).get_page(query.get("page")),
        "show": show,
        "kinds": {"": "all"} | KINDS,
    }


def is_kind(row: Mapping[str, Any], kind: str) -> bool:
    """Whether a row is right (full score), wrong (less than that), was truncated, or could not be judged."""
    if kind == "truncated":
        return bool(row.get("truncated"))
    if kind == "failed":
        return bool(row.get("error"))
    score = row["score"]
    return score is not None and (score >= 1) == (kind == "right")
