"""The search space of a job on its page, one row per parameter."""

from __future__ import annotations

from dataclasses import dataclass

from tunix.pipeline.spec import Scalar

from ..domain.space.search_space import InvalidSearchSpace
from ..models import TuningJob


@dataclass(frozen=True)
class SpaceRow:
    """One parameter: its values and when it exists, in words, and its value in the best trial."""

    name: str
    type: str
    values: str
    when: str
    best: Scalar


def space_rows(job: TuningJob) -> list[SpaceRow]:
    """In the order in which they are drawn; none if the space is no longer valid."""
    try:
        space = job.space()
    except InvalidSearchSpace:
        return []
    best = job.best_params_json or {}
    return [
        SpaceRow(
            name=name,
            type=space.parameters[name].label,
            values=space.parameters[name].values_label(),
            when=space.conditions[name].label if name in space.conditions else "",
            best=best.get(name),
        )
        for name in space.names
    ]
