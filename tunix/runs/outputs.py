"""Reads predictions, curves and log from a run's folder, also while the run is in progress."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, overload

from tunix.pipeline.files import open_inside

from .results import RUNNER_LOGS

MAX_CURVE_POINTS = 2000
MAX_LOG_BYTES = 1024 * 1024


class Predictions(Sequence[dict[str, Any]]):
    """The judged rows of a run, in order: index, row, prompt, answer, prediction, truncated, score, reason and error.

    `row` is the place of the row in its split, from 0. Runs from before it was written were judged in the order of the
    file. The score is None until the row is judged, or if that failed; reason and error may be empty. Lines are parsed
    only on access, so that a page of a long list is cheap.
    """

    def __init__(self, run_dir: Path) -> None:
        self._lines = _lines_of(run_dir, "predictions.jsonl")
        self._scores = _lines_of(run_dir, "judgements.jsonl")

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, position: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, position: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, position: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(position, slice):
            return [self._row(index) for index in range(*position.indices(len(self)))]
        return self._row(range(len(self))[position])

    @cached_property
    def samples(self) -> int:
        """How many answers each row has: the lines of one row follow each other, and each but the first is numbered."""
        lines = range(1, len(self))
        return next((index for index in lines if not json.loads(self._lines[index]).get("sample")), max(1, len(self)))

    def of_item(self, index: int) -> list[dict[str, Any]]:
        """The answers to the row with this index among the judged ones; empty if there are not so many."""
        return self[index * self.samples : (index + 1) * self.samples]

    def _row(self, index: int) -> dict[str, Any]:
        judged = json.loads(self._scores[index]) if index < len(self._scores) else {}
        judgement = {"score": judged.get("score"), "reason": judged.get("reason", ""), "error": judged.get("error", "")}
        predicted = json.loads(self._lines[index])
        return {"row": predicted["index"], **predicted, **judgement}


def read_curves(run_dir: Path) -> dict[str, list[dict[str, float]]]:
    """The reported values of each metric as points `{"step", "value"}`: finite ones only, at most MAX_CURVE_POINTS."""
    curves: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    for line in _lines_of(run_dir, "metrics.jsonl"):
        values = json.loads(line)
        step = values.pop("step")
        for name, value in values.items():
            if isinstance(value, int | float) and math.isfinite(value):
                curves[name].append({"step": step, "value": value})
    return {name: _thinned(points) for name, points in curves.items()}


def read_log(run_dir: Path, tail: int | None = None) -> str:
    """The end of the run's log, or of its runner's if it has none: at most MAX_LOG_BYTES and `tail` lines."""
    path = run_dir / "log.txt"
    if not path.exists():
        path = max(run_dir.glob(RUNNER_LOGS), key=lambda log: log.lstat().st_mtime, default=path)
    try:
        with open_inside(run_dir, path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - MAX_LOG_BYTES))
            text = file.read(MAX_LOG_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""
    return text if tail is None else "".join(text.splitlines(keepends=True)[-tail:])


def clear_outputs(run_dir: Path) -> None:
    """Empties the folder for another attempt, except for the logs of earlier ones."""
    logs = set(run_dir.glob(RUNNER_LOGS))
    for path in run_dir.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path not in logs:
            path.unlink()


def _lines_of(run_dir: Path, name: str) -> list[bytes]:
    """The complete lines of a file; none if it does not exist. The last line may be incomplete while it is written."""
    try:
        with open_inside(run_dir, run_dir / name) as file:
            return [line for line in file if line.endswith(b"\n")]
    except FileNotFoundError:
        return []


def _thinned(points: list[dict[str, float]]) -> list[dict[str, float]]:
    """Every nth point, so that the limit holds, and the last one."""
    stride = math.ceil(len(points) / MAX_CURVE_POINTS)
    if stride <= 1:
        return points
    kept = list(islice(points, 0, None, stride))
    return kept if kept[-1] is points[-1] else [*kept[:-1], points[-1]]
