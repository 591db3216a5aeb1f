"""Viewsets whose lists show less than their details."""

from __future__ import annotations

from typing import Any


class SummaryLists:
    """Mixin for viewsets, before the view class: the action `list` uses `summary_serializer_class`."""

    action: str
    summary_serializer_class: Any

    def get_serializer_class(self) -> Any:
        is_list = self.action == "list"
        return self.summary_serializer_class if is_list else super().get_serializer_class()  # type: ignore[misc]
