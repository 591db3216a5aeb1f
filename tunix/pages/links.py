"""Links that apps put into pages that know nothing of them: the navigation and the tabs of the audit trail.

An app registers its links in `AppConfig.ready()`, so that no template of a lower app names an address of an upper one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

NAVIGATION, TOOLS, AUDIT, ACCOUNT = "navigation", "tools", "audit", "account"
"""The places: the bar's left and right side, the tabs of the audit trail, beside the user's name."""


@dataclass(frozen=True)
class Link:
    """One link. `current_on` holds prefixes of the view names on which it is marked as the current page."""

    label: str
    view_name: str
    order: int
    current_on: tuple[str, ...] = field(default=())
    permission: str = ""

    def is_current(self, view_name: str) -> bool:
        return bool(view_name) and view_name.startswith(self.current_on or (self.view_name,))

    def is_shown_to(self, user: Any) -> bool:
        return not self.permission or user.has_perm(self.permission)


_LINKS: dict[str, dict[str, Link]] = defaultdict(dict)


def register_links(place: str, *links: Link) -> None:
    """Add links to a place. Registering a view again replaces its link."""
    for link in links:
        _LINKS[place][link.view_name] = link


def links_of(place: str) -> Iterator[Link]:
    """The links of a place, in their order."""
    return iter(sorted(_LINKS[place].values(), key=attrgetter("order")))
