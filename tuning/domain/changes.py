"""What was changed, in words for a job's history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tuning.domain.selection.budgets import BUDGET_PATH


def changes_in_words(values: Mapping[str, tuple[Any, Any]]) -> str:
    """`num_samples 8 -> 12, budget_json.max_seconds none -> 60`; what is long is named only. Empty without a change.

    `values` holds what each field was and what it is now.
    """
    changed = (_described(name, before, now) for name, (before, now) in values.items() if before != now)
    return ", ".join(text for texts in changed for text in texts)


def _described(name: str, before: Any, now: Any) -> Iterator[str]:
    if name == BUDGET_PATH:
        members = sorted(set(before) | set(now))
        budget = {f"{name}.{member}": (before.get(member), now.get(member)) for member in members}
        yield from (f"{path} {_short(old)} -> {_short(new)}" for path, (old, new) in budget.items() if old != new)
    elif name == "name" or (isinstance(before, int) and isinstance(now, int)):
        yield f"{name} {_short(before)} -> {_short(now)}"
    else:
        yield name


def _short(value: Any) -> str:
    if value is None:
        return "none"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
