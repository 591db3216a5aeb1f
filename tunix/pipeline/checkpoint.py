"""Deprecated alias of `tunix.pipeline.models.checkpoint`, for one release: model cards written before name it."""

from tunix.pipeline.models.checkpoint import load, save

__all__ = ["load", "save"]
