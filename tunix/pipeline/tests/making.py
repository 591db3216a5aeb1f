"""Factories for the pipeline's tests."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.rows import Row, version_of
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.base_models import BASE_MODELS
from tunix.pipeline.models.promoted import hashes_of, promoted_id
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, RunResult, RunSpec

LETTERS = "abcdefgh"


def make_rows(count: int, start: int = 0) -> list[Row]:
    """`count` rows that are quick to learn: the answer is the prompt's first letter as a capital."""
    return [Row(f"{LETTERS[n % 8]} {n}", LETTERS[n % 8].upper()) for n in range(start, start + count)]


def make_dataset(artifacts: Path, key: str = "letters", **splits: Sequence[Row]) -> DatasetRef:
    """Writes a dataset with these splits, or with all three of letters."""
    splits = splits or {
        "train": make_rows(64),
        "validation": make_rows(20, start=64),
        "test": make_rows(10, start=90),
    }
    folder = artifacts / "datasets" / key
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {split: _write(folder / f"{split}.jsonl", rows) for split, rows in splits.items()}
    described = {split: {"rows": len(rows), "sha256": hashes[split]} for split, rows in splits.items()}
    version = version_of(hashes)
    manifest = {"format": 1, "key": key, "sha256": version, "splits": described}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return DatasetRef(key=key, version=version)


def make_spec(dataset: DatasetRef, evaluation: Mapping[str, Any] | None = None, **overrides: Any) -> RunSpec:
    """A spec of a few steps; `overrides` are fields of the spec or hyperparameters."""
    fields = {name: overrides.pop(name) for name in list(overrides) if name in RunSpec.model_fields}
    params = {"num_steps": 6, "batch_size": 8, "learning_rate": 1e-2} | overrides
    return RunSpec(
        **{
            "run_id": str(uuid.uuid4()),
            "base_model_id": "tiny-gemma3",
            "dataset": dataset,
            "hyperparameters": resolve(params),
            "row_order": HASH_ORDER,
            "evaluation": EvaluationSpec(**{"max_items": 8, "max_new_tokens": 4, **(evaluation or {})}),
            **fields,
        }
    )


def no_report(step: int, metrics: dict[str, float]) -> None:
    """A report that is ignored."""


def predictions_of(artifacts: Path, result: RunResult) -> list[str]:
    """The predictions of a run, in order."""
    text = (artifacts / "runs" / result.run_id / "predictions.jsonl").read_text()
    return [json.loads(line)["prediction"] for line in text.splitlines()]


def _write(path: Path, rows: Sequence[Row]) -> str:
    lines = [json.dumps({"prompt": row.prompt, "answer": row.answer}) + "\n" for row in rows]
    path.write_text("".join(lines))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_promoted(artifacts: Path, checkpoint: Path | None = None, name: str = "mine") -> str:
    """The first version of a promoted model: with a run's checkpoint, or with files that cannot be loaded."""
    folder = artifacts / "models" / name / "1"
    folder.mkdir(parents=True)
    described = json.loads((checkpoint / "model.json").read_text()) if checkpoint else FEW_SIZES
    for file in ("weights.safetensors", "tokenizer.json"):
        (folder / file).write_bytes((checkpoint / file).read_bytes() if checkpoint else file.encode())
    (folder / "config.json").write_text(json.dumps({**described, "format": 1, "parameters": 66_000}))
    (folder / "lineage.json").write_text(json.dumps({"files": hashes_of(folder)}))
    return promoted_id(name, 1)


FEW_SIZES = {
    "base_model_id": "tiny-gemma3",
    "family": "gemma3",
    "vocab_size": 9,
    "architecture": asdict(BASE_MODELS["tiny-gemma3"].sizes),
}
