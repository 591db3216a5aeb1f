"""A run's folder: its files, and the order in which they are written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tunix.pipeline.faults import fault_point
from tunix.pipeline.files import read_text, sha256, write_text
from tunix.pipeline.judges import JudgeItem, Judgement, Outputs
from tunix.pipeline.spec import RunResult, RunSpec

RUNS = "runs"
"""The folder of all runs, in the artifacts folder."""
RESULT = "result.json"
SPEC = "spec.json"
METRICS = "metrics.jsonl"
PREDICTIONS = "predictions.jsonl"
JUDGEMENTS = "judgements.jsonl"
SECOND_JUDGEMENTS = "judgements_again.jsonl"
"""The second judgements of outputs that were judged twice."""
JUDGEMENT_CACHE = "cache/judgements"
"""Under the artifacts folder: the judgements of judges that call a service."""
CHECKPOINT = "checkpoint"
MODEL = "model.json"
"""Describes the weights in a checkpoint; written last."""
FOLDER_FORMAT = 2
"""The format of the checkpoint of a model that started from a folder, as `model.json` states it."""


def dataset_dir(artifacts_dir: Path, key: str) -> Path:
    """The folder of a dataset."""
    return artifacts_dir / "datasets" / key


def run_path(run_id: object) -> str:
    """The folder of a run, relative to the artifacts folder."""
    return f"{RUNS}/{run_id}"


def run_dir(artifacts_dir: Path, run_id: object) -> Path:
    """The folder of a run."""
    return artifacts_dir / run_path(run_id)


def now() -> str:
    """The time, in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RunFolder:
    """Writes one run's folder. Log and metrics grow line by line; other files appear complete, the result last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        (path / RESULT).unlink(missing_ok=True)
        self._log = (path / "log.txt").open("w", encoding="utf-8")
        self._metrics = (path / METRICS).open("w", encoding="utf-8")

    def write_spec(self, spec: RunSpec) -> None:
        write_text(self.path / SPEC, spec.model_dump_json(indent=2) + "\n")

    def log(self, message: str) -> None:
        """Appends a message, of one or more lines, to the log, with the time."""
        self._log.write(f"{now()}  {message.rstrip()}\n")
        self._log.flush()

    def add_metrics(self, step: int, values: Mapping[str, float]) -> None:
        self._metrics.write(json.dumps({"step": step, **values}) + "\n")
        self._metrics.flush()

    def finish(self, result: RunResult) -> RunResult:
        """Closes log and metrics, then writes and returns the result with the sha256 of every other file."""
        self.close()
        fault_point("trial.result")
        result = result.model_copy(update={"files": hashes(self.path)})
        write_text(self.path / RESULT, result.model_dump_json(indent=2) + "\n")
        return result

    def close(self) -> None:
        """Syncs and closes log and metrics; may be repeated."""
        for file in (self._log, self._metrics):
            if not file.closed:
                file.flush()
                os.fsync(file.fileno())
                file.close()


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every file in the folder by relative path, without the result itself and hidden files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): sha256(path) for path in files if path != folder / RESULT}


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Writes a complete file of JSON lines, or none."""
    write_text(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def write_predictions(folder: Path, outputs: Outputs) -> None:
    """Writes a line for each prediction: with the place of its `row` in the split, if it is known.

    With several for a row, each says which `sample` of it it is.
    """
    places = [place for place in outputs.places for _ in range(outputs.samples)]
    records = (
        {
            "index": index,
            **({"row": places[index]} if places else {}),
            **({"sample": index % outputs.samples} if outputs.samples > 1 else {}),
            "prompt": item.prompt,
            "answer": item.answer,
            "prediction": item.prediction,
            "truncated": truncated,
        }
        for index, (item, truncated) in enumerate(zip(outputs.items, outputs.truncated, strict=True))
    )
    write_lines(folder / PREDICTIONS, records)


def read_predictions(folder: Path) -> Outputs:
    """What `write_predictions` wrote. Raises FileNotFoundError, ValueError or KeyError."""
    lines = read_text(folder / PREDICTIONS).split("\n")
    records = [json.loads(line) for line in lines if line]
    items = [JudgeItem(record["prompt"], record["answer"], record["prediction"]) for record in records]
    samples = 1 + max((record.get("sample", 0) for record in records), default=0)
    places = [record["row"] for record in records[::samples] if "row" in record]
    return Outputs(items, [bool(record["truncated"]) for record in records], samples, places)


def write_judgements(folder: Path, judgements: Sequence[Judgement], name: str = JUDGEMENTS) -> None:
    """Writes the score of each item, and its reason and error if the judge gave them."""
    records: list[dict[str, Any]] = []
    for index, judgement in enumerate(judgements):
        texts = {"reason": judgement.reason, "error": judgement.error}
        given = {key: text for key, text in texts.items() if text}
        records.append({"index": index, "score": judgement.score, **given})
    write_lines(folder / name, records)
