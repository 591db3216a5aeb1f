"""Slots: named places in a page of one app that the apps above it fill with templates of their own.

The page says `{% slot "run.actions" %}` and knows nothing of who fills it. An upper app registers its template in
`AppConfig.ready()`; it is rendered with the page's context.
"""

from __future__ import annotations

from collections import defaultdict

SLOTS = {
    "run.origin": "where a run comes from, in the line below its name",
    "run.actions": "buttons of a run",
    "run.evaluations": "the tab Evaluations of a run",
    "model.actions": "buttons of a model",
    "model.links": "lists that are filtered by a model",
    "model.lineage": "rows about the origin of a promoted model",
    "dataset.uses": "what uses a dataset",
    "leaderboard.empty": "what to do where nothing is ranked yet",
}
"""Every slot there is, and what belongs there."""

_TEMPLATES: dict[str, list[str]] = defaultdict(list)


def fill_slot(slot: str, template: str) -> None:
    """Show `template` in `slot`, after those that are there. Raises KeyError for an unknown slot."""
    if slot not in SLOTS:
        raise KeyError(f"There is no slot {slot!r}.")
    if template not in _TEMPLATES[slot]:
        _TEMPLATES[slot].append(template)


def templates_of(slot: str) -> tuple[str, ...]:
    """What fills `slot`, in the order of the installed apps. Raises KeyError for an unknown slot."""
    if slot not in SLOTS:
        raise KeyError(f"There is no slot {slot!r}.")
    return tuple(_TEMPLATES[slot])
