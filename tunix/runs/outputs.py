"""Reads predictions, curves and log from a run's folder, also while the run is in progress."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, overload

from tunix.pipeline.files import open_inside
from tunix.pipeline.folder import JUDGEMENTS, METRICS, PREDICTIONS

from .results import RUNNER_LOGS

MAX_CURVE_POINTS = 2000
MAX_LOG_BYTES = 1024 * 1024

_DAMAGED = "Line {} of {} is damaged."
_SHOWN = frozenset({"index", "prompt", "answer", "prediction"})


class Predictions(Sequence[dict[str, Any]]):
    """The judged rows of a run, in order: index, row, prompt, answer, prediction, truncated, score, reason and error.

    `row` is the place of the row in its split, from 0. Runs from before it was written were judged in the order of the
    file. The score is None until the row is judged, or if that failed; reason and error may be empty. Lines are parsed
    only on access, so that a page of a long list is cheap. A damaged line is a row whose error says so.
    """

    def __init__(self, run_dir: Path) -> None:
        self._lines = _lines_of(run_dir, PREDICTIONS)
        self._scores = _lines_of(run_dir, JUDGEMENTS)

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
        lines = ((index, _object(self._lines[index])) for index in range(1, len(self)))
        whole = ((index, line) for index, line in lines if line is not None)
        return next((index for index, line in whole if not line.get("sample")), max(1, len(self)))

    def damage(self) -> str:
        """The first line that cannot be read, in a sentence; empty if all can."""
        for name, lines, needed in ((PREDICTIONS, self._lines, _SHOWN), (JUDGEMENTS, self._scores, frozenset[str]())):
            for number, line in enumerate(lines, start=1):
                if _object(line, needed) is None:
                    return _DAMAGED.format(number, name)
        return ""

    def of_item(self, index: int) -> list[dict[str, Any]]:
        """The answers to the row with this index among the judged ones; empty if there are not so many."""
        return self[index * self.samples : (index + 1) * self.samples]

    def _row(self, index: int) -> dict[str, Any]:
        judged = _object(self._scores[index]) if index < len(self._scores) else {}
        predicted = _object(self._lines[index], _SHOWN)
        errors = [] if judged is None else [str(judged.get("error", ""))]
        errors += [_DAMAGED.format(index + 1, JUDGEMENTS)] if judged is None else []
        if predicted is None:
            errors.append(_DAMAGED.format(index + 1, PREDICTIONS))
            predicted = {**dict.fromkeys(sorted(_SHOWN), ""), "index": index, "truncated": False}
        judged = judged or {}
        score = judged.get("score")
        judgement = {
            "score": score if isinstance(score, int | float) else None,
            "reason": judged.get("reason", ""),
            "error": " ".join(filter(None, errors)),
        }
        return {"row": predicted["index"], **predicted, **judgement}


def read_curves(run_dir: Path) -> dict[str, list[dict[str, float]]]:
    """The reported values of each metric as points `{"step", "value"}`: finite ones only, at most MAX_CURVE_POINTS.

    Damaged lines are left out; `curves_and_damage` counts them.
    """
    return curves_and_damage(run_dir)[0]


def curves_and_damage(run_dir: Path) -> tuple[dict[str, list[dict[str, float]]], int]:
    """The same, and how many lines cannot be read. The file is read once."""
    points, damaged = _points_and_damage(run_dir)
    return {name: _thinned(curve) for name, curve in points.items()}, damaged


def read_points(run_dir: Path) -> dict[str, list[dict[str, float]]]:
    """The curves with all points."""
    return _points_and_damage(run_dir)[0]


def _points_and_damage(run_dir: Path) -> tuple[dict[str, list[dict[str, float]]], int]:
    curves: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    damaged = 0
    for values in _metrics(run_dir):
        if values is None:
            damaged += 1
            continue
        step = values.pop("step")
        for name, value in values.items():
            if _is_finite(value):
                curves[name].append({"step": step, "value": value})
    return dict(curves), damaged


def _metrics(run_dir: Path) -> Iterator[dict[str, Any] | None]:
    """The values of each line with its step; None for a damaged one."""
    for line in _lines_of(run_dir, METRICS):
        values = _object(line)
        yield values if values is not None and _is_finite(values.get("step")) else None


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _object(line: bytes, needed: Set[str] = frozenset()) -> dict[str, Any] | None:
    """The object in a line; None if there is none, or it lacks a field that is needed."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.keys() >= needed else None


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
