"""The body of a request that must be a JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from .exceptions import InvalidInput


def object_body(request: Request) -> Mapping[str, Any]:
    """The body. Raises InvalidInput for a list, a string, a number or null."""
    if not isinstance(request.data, Mapping):
        raise InvalidInput({"body": ["Must be a JSON object."]})
    return request.data
