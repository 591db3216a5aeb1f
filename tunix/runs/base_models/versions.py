"""The versions of promoted models: 1, 2, 3 for each name, never reused."""

from __future__ import annotations

from django.db.models import F

from ..models import ModelVersionCounter


def take_version(name: str) -> int:
    """The next version of `name`. Call it in the transaction that uses the version.

    The update locks the counter until that transaction ends, so a concurrent promotion to the same name waits and gets
    the next number. A rollback restores the counter, and no other process has seen that number.
    """
    counters = ModelVersionCounter.objects
    counters.get_or_create(name=name)
    counters.filter(name=name).update(last_version=F("last_version") + 1)
    return counters.get(name=name).last_version
