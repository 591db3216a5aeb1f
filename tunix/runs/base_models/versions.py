"""The versions of promoted models: numbers 1, 2, 3 for each name, none of them given twice."""

from __future__ import annotations

from django.db.models import F

from ..models import ModelVersionCounter


def take_version(name: str) -> int:
    """The next version of `name`. Belongs into the transaction that uses it.

    The update locks the counter until that transaction ends: whoever promotes to the same name meanwhile waits and
    gets the number after. What is rolled back gives its number back, which nobody has seen.
    """
    counters = ModelVersionCounter.objects
    counters.get_or_create(name=name)
    counters.filter(name=name).update(last_version=F("last_version") + 1)
    return counters.get(name=name).last_version
