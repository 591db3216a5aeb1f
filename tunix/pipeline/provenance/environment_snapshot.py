"""A run's capsule: what its result depends on besides its spec.

What is small stands in the result's `environment`; the hash of every row and the version of every package stand in
`capsule.json` of the run's folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from tunix.pipeline.data.rows import Row
from tunix.pipeline.files import write_text
from tunix.pipeline.judges import Judge
from tunix.pipeline.provenance import installed
from tunix.pipeline.provenance.fingerprints import SplitFingerprint, rows_sha256
from tunix.pipeline.spec import RunSpec, Value

CAPSULE: Final = "capsule.json"


class Capsule(Value):
    """The large part: `packages` maps each installed package to its version, `splits` each split to its rows."""

    version: Literal[1] = 1
    packages: dict[str, str]
    splits: dict[str, SplitFingerprint]


def write_capsule(folder: Path, splits: Mapping[str, SplitFingerprint]) -> None:
    """Writes the large part into a run's folder."""
    capsule = Capsule(packages=installed.packages(), splits=dict(splits))
    write_text(folder / CAPSULE, capsule.model_dump_json() + "\n")


def read_capsule(folder: Path) -> Capsule | None:
    """What `write_capsule` wrote; None where there is nothing that can be read, as in runs older than this file."""
    try:
        return Capsule.model_validate_json((folder / CAPSULE).read_bytes())
    except (OSError, ValidationError):
        return None


def inputs_of(spec: RunSpec, judge: Judge, rows: Sequence[Row]) -> dict[str, Any]:
    """The small part about what goes in: seed, the rows judged on, and the judge."""
    evaluated = {"split": spec.evaluation.split, "items": len(rows), "sha256": rows_sha256(rows)}
    return {
        "seed": spec.hyperparameters.get("seed"),
        "dataset": {"key": spec.dataset.key, "version": spec.dataset.version},
        "evaluated": evaluated,
        "judge": {"name": judge.name, "version": judge.version},
    }
