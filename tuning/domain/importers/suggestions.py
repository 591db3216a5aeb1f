"""Which of our names are suggested for those of a definition: each at most once, so that all can be taken."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping

Meant = Callable[[str], tuple[str, int]]
"""Name -> our name that it probably means (empty when unknown), and how far from certain that is."""


class Suggestions:
    """For the names of a definition: `given` are those that the caller has mapped, `known` are ours of this kind."""

    def __init__(self, names: Iterable[str], given: Mapping[str, str], known: Container[str], meant: Meant) -> None:
        self._meant = meant
        self._given = {name: ours for name, ours in given.items() if ours in known}
        self._holders: dict[str, str] = {}
        names = list(names)
        for name in names:
            ours = self._given.get(name, name if name in known else "")
            if ours:
                self._holders.setdefault(ours, name)
        for name in sorted(names, key=lambda name: meant(name)[1]):
            if name not in self._given and name not in known:
                self._holders.setdefault(meant(name)[0], name)

    def of(self, name: str) -> str:
        """Our name that `name` probably means; empty when unknown, and when another name is nearer to it."""
        ours = self._meant(name)[0]
        return ours if self._holders.get(ours) == name else ""

    def hint(self, name: str) -> str:
        """A sentence for the report, with a leading blank; empty when nothing is known."""
        ours = self._meant(name)[0]
        if not ours:
            return ""
        holder = self._holders[ours]
        if holder == name:
            return f" Did you mean {ours}?"
        if holder == ours:
            return f" It may mean {ours}, but the definition has that itself."
        return f" It may mean {ours}, but so {'does' if holder in self._given else 'may'} {holder}."
