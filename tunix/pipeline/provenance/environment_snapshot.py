"""The environment snapshot of a run: everything besides its spec that its result depends on.

The small part is in the result's `environment`. The hash of every row and the version of every package are in
`capsule.json` in the run's folder, a name that existing folders keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from tunix.pipeline.data.verified import VerifiedDataset
from tunix.pipeline.files import write_text
from tunix.pipeline.judges import Judge
from tunix.pipeline.provenance import installed
from tunix.pipeline.provenance.fingerprints import SplitFingerprint
from tunix.pipeline.spec import RunSpec, Value

SNAPSHOT: Final = "capsule.json"


class EnvironmentSnapshot(Value):
    """The large part: the version of each installed package, and the fingerprint of each split."""

    version: Literal[1] = 1
    packages: dict[str, str]
    splits: dict[str, SplitFingerprint]


def write_snapshot(folder: Path, splits: Mapping[str, SplitFingerprint]) -> None:
    """Writes the large part to a run's folder."""
    snapshot = EnvironmentSnapshot(packages=installed.packages(), splits=dict(splits))
    write_text(folder / SNAPSHOT, snapshot.model_dump_json() + "\n")


def read_snapshot(folder: Path) -> EnvironmentSnapshot | None:
    """What `write_snapshot` wrote; None if it is missing, as in older runs, or unreadable."""
    try:
        return EnvironmentSnapshot.model_validate_json((folder / SNAPSHOT).read_bytes())
    except (OSError, ValidationError):
        return None


def inputs_of(spec: RunSpec, judge: Judge, dataset: VerifiedDataset) -> dict[str, Any]:
    """The part about inputs: seed, dataset, judged rows and judge."""
    judged = (spec.evaluation.split, spec.evaluation.max_items, spec.row_order)
    return {
        "seed": spec.hyperparameters.get("seed"),
        "dataset": {"key": spec.dataset.key, "version": spec.dataset.version},
        "evaluated": {
            "split": spec.evaluation.split,
            "items": len(dataset.sample(*judged).rows),
            "sha256": dataset.sample_sha256(*judged),
        },
        "judge": {"name": judge.name, "version": judge.version},
    }
