"""Removing what no row names and what retention allows: see `manage.py prune_artifacts`."""

from .finding import Rules, leftovers
from .removing import Leftover, NotOurs, remove

__all__ = ["Leftover", "NotOurs", "Rules", "leftovers", "remove"]
