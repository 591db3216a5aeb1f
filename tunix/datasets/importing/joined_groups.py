"""Groups that have prompts in common: a split by hash keeps them together, as it keeps rows of one group together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tunix.pipeline.data.rows import Row

from .comparing import digest, normalised
from .groups import kept_together
from .splitting import split_of


class JoinedGroups:
    """The split of each row of a source that is split by hash.

    Groups with a prompt in common are joined, and a row without a group belongs to those that have its prompt: else the
    same prompt would be in two splits. Joined groups are in the split of the one with the smallest digest, so that the
    order of the rows does not matter; a group that shares nothing is where it would be without the others. Stores 32
    bytes for each prompt and each group.
    """

    def __init__(self, fractions: Mapping[str, float], rows: Iterable[Row] = ()) -> None:
        self._fractions = fractions
        self._parents: dict[bytes, bytes] = {}
        self._groups: dict[bytes, bytes] = {}
        self._splits: dict[bytes, str] = {}
        for row in rows:
            self._add(row)

    @property
    def joined(self) -> int:
        """How many groups are kept together with another one."""
        roots = [self._root(group) for group in self._parents]
        shared = {root for group, root in zip(self._parents, roots, strict=True) if group != root}
        return sum(root in shared for root in roots)

    def split_of(self, row: Row) -> str:
        group = digest(row.group) if row.group else self._groups.get(digest(normalised(row.prompt)))
        if group in self._parents:
            return self._splits[self._root(group)]
        return split_of(kept_together(row), self._fractions)

    def _add(self, row: Row) -> None:
        if not row.group:
            return
        group, prompt = digest(row.group), digest(normalised(row.prompt))
        if group not in self._parents:
            self._parents[group] = group
            self._splits[group] = split_of(kept_together(row), self._fractions)
        first, second = sorted((self._root(group), self._root(self._groups.setdefault(prompt, group))))
        self._parents[second] = first

    def _root(self, group: bytes) -> bytes:
        while (parent := self._parents[group]) != group:
            self._parents[group] = self._parents[parent]
            group = self._parents[group]
        return group
