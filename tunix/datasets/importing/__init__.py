"""From files of a user to the folder of a dataset: read, map, split, compare, write. No database here."""

from .options import ImportOptions
from .prepare import prepare
from .sources import Source

__all__ = ["ImportOptions", "Source", "prepare"]
