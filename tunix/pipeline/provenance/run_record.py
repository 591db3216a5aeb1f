"""All that a run recorded of itself, as one value to compare with another run's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.data.rows import Row
from tunix.pipeline.provenance.environment_snapshot import EnvironmentSnapshot
from tunix.pipeline.spec import RunResult


@dataclass(frozen=True)
class ScoredPrediction:
    """What a run said about one row, and the judge's score."""

    prompt: str
    answer: str
    prediction: str
    score: float | None

    @property
    def row(self) -> Row:
        return Row(self.prompt, self.answer)


@dataclass(frozen=True)
class RunRecord:
    """All that a run recorded of itself. `spec` is a RunSpec as JSON, perhaps of an older version of this project."""

    spec: Mapping[str, Any]
    result: RunResult
    predictions: Sequence[ScoredPrediction]
    snapshot: EnvironmentSnapshot | None

    @property
    def split(self) -> str:
        """The split it was judged on."""
        return str(self.spec["evaluation"]["split"])
