"""Guards of a run: other datasets that its model is scored on, to show what it unlearned in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunix.pipeline.data.labels import labels_for
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.data.verified import VerifiedDataset, verified_dataset
from tunix.pipeline.folder import dataset_dir
from tunix.pipeline.judges import Judge
from tunix.pipeline.judges.judging import available_judge, refuse_unfit
from tunix.pipeline.spec import EvaluationSpec, GuardSpec, RowOrder

GUARDS = "guards"


@dataclass(frozen=True)
class PreparedGuard:
    """A guard that can be scored: its dataset is verified and has rows, and its judge is available."""

    index: int
    spec: GuardSpec
    judge: Judge
    dataset: VerifiedDataset
    labels: list[str]
    """What answers are chosen from; empty if they are generated."""
    order: RowOrder

    def __str__(self) -> str:
        return f"{self.spec.dataset.key} ({self.spec.evaluation.split})"

    @property
    def evaluation(self) -> EvaluationSpec:
        return self.spec.evaluation

    @property
    def sample(self) -> Sample:
        """The rows that are judged."""
        return self.dataset.sample(*self._taken)

    @property
    def _taken(self) -> tuple[str, int, RowOrder]:
        return self.evaluation.split, self.evaluation.max_items, self.order

    def describe(self) -> dict[str, Any]:
        """Its rows and its judge, for the environment snapshot."""
        return {
            "dataset": self.spec.dataset.model_dump(),
            "split": self.evaluation.split,
            "items": len(self.sample.rows),
            "sha256": self.dataset.sample_sha256(*self._taken),
            "judge": {"name": self.judge.name, "version": self.judge.version},
        }


def prepare_guards(specs: Sequence[GuardSpec], order: RowOrder, artifacts_dir: Path) -> list[PreparedGuard]:
    """The guards of a spec, ready to be scored. Raises DatasetError, UnknownJudge, JudgeFailed."""
    return [_prepared(index, spec, order, artifacts_dir) for index, spec in enumerate(specs)]


def describe_guards(guards: Sequence[PreparedGuard]) -> dict[str, Any]:
    """The guards' part of the environment snapshot; empty if there are none."""
    return {GUARDS: [guard.describe() for guard in guards]} if guards else {}


def guard_folder(run_dir: Path, index: int) -> Path:
    """The folder of a guard's predictions and judgements, created if it is missing."""
    folder = run_dir / GUARDS / str(index)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _prepared(index: int, spec: GuardSpec, order: RowOrder, artifacts_dir: Path) -> PreparedGuard:
    dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
    labels = labels_for(spec.evaluation, dataset)
    guard = PreparedGuard(index, spec, available_judge(spec.evaluation), dataset, labels, order)
    if not guard.sample.rows:
        raise DatasetError(f"The {spec.evaluation.split} split of guard dataset '{spec.dataset.key}' has no rows.")
    refuse_unfit(guard.judge, (row.answer for row in guard.sample.rows), f"guard {guard}")
    return guard
