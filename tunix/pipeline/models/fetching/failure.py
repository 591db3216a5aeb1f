"""Why a checkpoint could not be fetched."""

from __future__ import annotations


class FetchFailed(Exception):
    """The text says what went wrong, and what to do."""
