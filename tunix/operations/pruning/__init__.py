"""Removing what no row names and what retention allows: see `manage.py prune_artifacts`."""

from .finding import Rules, removables
from .removing import NotOurs, Removable, remove

__all__ = ["NotOurs", "Removable", "Rules", "removables", "remove"]
