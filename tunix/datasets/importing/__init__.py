"""Converts a user's files to the folder of a dataset: read, map, split, compare, write. No database."""

from .options import ImportOptions
from .prepare import prepare
from .sources import Source

__all__ = ["ImportOptions", "Source", "prepare"]
