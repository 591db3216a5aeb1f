"""Why a model cannot be exported."""

from __future__ import annotations


class ExportError(Exception):
    """A model that cannot be exported; the message says why, and what to do."""
