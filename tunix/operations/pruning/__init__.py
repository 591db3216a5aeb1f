"""Removes files that no row refers to, and what the retention settings allow: see `manage.py prune_artifacts`."""

from .finding import Rules, removables
from .removing import NotOurs, Removable, remove

__all__ = ["NotOurs", "Removable", "Rules", "removables", "remove"]
