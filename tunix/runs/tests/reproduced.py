"""Completed runs with all files that a reproduction is compared with, made without training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.pipeline.data.rows import load_split
from tunix.pipeline.folder import hashes
from tunix.pipeline.provenance.environment_snapshot import write_snapshot
from tunix.pipeline.provenance.fingerprints import fingerprints
from tunix.pipeline.spec import RunResult
from tunix.runs.models import TunixRun
from tunix.runs.results import read_result
from tunix.runs.services import ensure_base_models
from tunix.runs.tests.factories import make_result, make_run, write_lines, write_result


def leave_files(run: TunixRun, said: Sequence[str] = ("2", "4"), **overrides: Any) -> RunResult:
    """Lets the run say these words about the first rows of its data set, and leave its folder with the result."""
    folder = run.work_dir()
    rows = load_split(run.dataset.folder, "validation", len(said))
    pairs = [{"prompt": row.prompt, "answer": row.answer, "truncated": False} for row in rows]
    told = [pair | {"index": n, "prediction": text} for n, (pair, text) in enumerate(zip(pairs, said, strict=True))]
    write_lines(folder / "predictions.jsonl", told)
    write_lines(folder / "judgements.jsonl", [{"index": n, "score": n / 2} for n in range(len(said))])
    write_snapshot(folder, fingerprints(run.dataset.folder))
    result = make_result(run, files=hashes(folder), **overrides)
    write_result(run, result)
    return result


def make_trained_run(**overrides: Any) -> TunixRun:
    """A completed run on the built-in data set, with its files."""
    ensure_base_models()
    run = make_run(dataset=get_dataset("arithmetic-v1"), **overrides)
    leave_files(run)
    _, run.result_hash = read_result(run.work_dir())
    run.save()
    return run


def change_row(dataset: Dataset, split: str = "validation", index: int = 1, answer: str = "changed") -> None:
    """Gives one row of the data set's files another answer, behind everybody's back."""
    path = dataset.folder / f"{split}.jsonl"
    rows = load_split(dataset.folder, split)
    lines = [{"prompt": row.prompt, "answer": answer if n == index else row.answer} for n, row in enumerate(rows)]
    write_lines(path, lines)
