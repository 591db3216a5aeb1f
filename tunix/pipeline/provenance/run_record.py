"""Everything a run recorded, as one value that can be compared with another run's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.data.rows import Row
from tunix.pipeline.provenance.environment_snapshot import EnvironmentSnapshot
from tunix.pipeline.spec import RunResult


@dataclass(frozen=True)
class ScoredPrediction:
    """A run's prediction for one row, and the judge's score.

    `place` is that of the row in its split, from 0, and `sample` the number of the prediction among those of the row.
    """

    prompt: str
    answer: str
    prediction: str
    score: float | None
    place: int
    sample: int = 0

    @property
    def row(self) -> Row:
        return Row(self.prompt, self.answer)


@dataclass(frozen=True)
class RunRecord:
    """Everything a run recorded. `spec` is a RunSpec as JSON, perhaps of an older version of this project."""

    spec: Mapping[str, Any]
    result: RunResult
    predictions: Sequence[ScoredPrediction]
    snapshot: EnvironmentSnapshot | None

    @property
    def split(self) -> str:
        """The split that the run was judged on."""
        return str(self.spec["evaluation"]["split"])
