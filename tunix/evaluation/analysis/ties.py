"""Finds the entries of a leaderboard that are tied with the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from tunix.statistics.unjudged import counted

from ..models import COMPARABLE, Evaluation
from .intervals import fill_interval

LEVEL = 0.05
MOST_PAIRED = 10_000
"""For verdicts on more items than this, the scores are not read; their intervals are narrow enough to compare."""

_Group = tuple[Any, str, str, str]
"""The values of the fields in COMPARABLE."""


class TieBy(StrEnum):
    """`first`: the entry is the first. `paired`: a test over the same items. `overlap`: of the intervals."""

    FIRST = "first"
    PAIRED = "paired"
    OVERLAP = "overlap"


@dataclass(frozen=True)
class Tie:
    """Whether an entry is tied with the first, how this was decided, and p if there was a test."""

    tied: bool
    by: TieBy
    p: float | None = None


@dataclass(frozen=True)
class _Items:
    """The scores of a verdict, with a key that is equal for verdicts over the same items."""

    key: tuple[Any, ...]
    scores: list[float | None]
    groups: list[int] | None


def mark_ties(entries: Sequence[Evaluation], ranked: QuerySet[Evaluation]) -> None:
    """Sets `tie` on each of `entries`, a page of the leaderboard `ranked`, and any missing interval.

    The first is the best entry with the same dataset, split, judge and judge version. Two entries are tied if a
    two-sided paired test over the same rows has p above 0.05, without correction for multiple comparisons; over
    different rows, if their intervals overlap.
    """
    firsts = _firsts(entries, ranked)
    shown = [*entries, *firsts.values()]
    items = _items_of(shown)
    for entry in shown:
        if entry.pk in items:
            fill_interval(entry, items[entry.pk].scores)
    for entry in entries:
        entry.tie = _tie(entry, firsts.get(_group_of(entry), entry), items)  # type: ignore[attr-defined]


def _firsts(entries: Sequence[Evaluation], ranked: QuerySet[Evaluation]) -> dict[_Group, Evaluation]:
    """The first entry of each group, which is usually on the page already."""
    leaders = [entry for entry in entries if entry.rank == 1]  # type: ignore[attr-defined]
    if elsewhere := {_group_of(entry) for entry in entries} - {_group_of(entry) for entry in leaders}:
        groups = reduce(or_, (Q(**dict(zip(COMPARABLE, group, strict=True))) for group in elsewhere))
        leaders += ranked.filter(groups, rank=1)
    leaders.sort(
        key=lambda entry: (entry.created_at, entry.pk), reverse=True
    )  # so that the earliest of equals comes last and stays in the dict
    return {_group_of(entry): entry for entry in leaders}


def _group_of(entry: Evaluation) -> _Group:
    return entry.run.dataset_id, entry.split, entry.judge, entry.judge_version


def _items_of(entries: Sequence[Evaluation]) -> dict[Any, _Items]:
    chosen = {entry.pk for entry in entries if entry.items <= MOST_PAIRED}
    version = KeyTextTransform("version", KeyTransform("dataset", "run__config_json"))
    rows = Evaluation.objects.filter(pk__in=chosen).annotate(data_version=version)
    columns = ("pk", "item_scores", "item_groups", "data_version", "split", "judge", "judge_version", "row_order")
    found = rows.values_list(*columns)
    return {pk: _Items((*key, len(scores)), scores, groups) for pk, scores, groups, *key in found}


def _tie(entry: Evaluation, first: Evaluation, items: dict[Any, _Items]) -> Tie:
    from tunix.statistics.paired import paired_p  # imports numpy

    if entry.pk == first.pk:
        return Tie(True, TieBy.FIRST)
    ours, theirs = items.get(entry.pk), items.get(first.pk)
    if ours and theirs and ours.key == theirs.key:
        try:
            p, _ = paired_p(counted(ours.scores), counted(theirs.scores), groups=ours.groups or theirs.groups)
        except ValueError:  # all rows are in one group
            return Tie(_overlap(entry, first), TieBy.OVERLAP)
        return Tie(p > LEVEL, TieBy.PAIRED, p)
    return Tie(_overlap(entry, first), TieBy.OVERLAP)


def _overlap(entry: Evaluation, first: Evaluation) -> bool:
    """Whether the intervals overlap; assumed if one is unknown."""
    if entry.score_high is None or first.score_low is None:
        return True
    return entry.score_high >= first.score_low
