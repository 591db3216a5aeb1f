"""Pagination of lists: `?page=` and `?page_size=` (at most 200)."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import pagination
from rest_framework.exceptions import NotFound, ValidationError

_NUMBER = re.compile(r"[0-9]{1,9}")


class PageNumberPagination(pagination.PageNumberPagination):
    """`{"count", "next", "previous", "results"}`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Any) -> int | None:
        """Refuses what is no number; DRF takes it as absent."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is not None and not (_NUMBER.fullmatch(asked) and int(asked)):
            raise ValidationError({self.page_size_query_param: ["Must be a whole number of at least 1."]})
        return super().get_page_size(request)

    def get_page_number(self, request: Any, paginator: Any) -> int | str:
        """An empty number is no page; DRF takes it as the first."""
        if request.query_params.get(self.page_query_param) == "":
            raise NotFound("Invalid page.")
        return super().get_page_number(request, paginator)
