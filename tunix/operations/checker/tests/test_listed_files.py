"""The files that a result lists are compared with their hashes; weights that were pruned are no fault."""

from __future__ import annotations

import hashlib

import pytest

from tunix.pipeline.folder import CHECKPOINT as FOLDER
from tunix.runs.models import TunixRun
from tunix.runs.results import read_result
from tunix.runs.tests.factories import make_result, make_run, write_result

from .worlds import change, findings_of

pytestmark = pytest.mark.django_db

DIGEST = hashlib.sha256(b"content").hexdigest()


def completed_run(*names: str) -> TunixRun:
    """A run whose result lists these files, which lie there."""
    run = make_run()
    for name in names:
        path = run.work_dir() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content")
    write_result(run, make_result(run, files=dict.fromkeys(names, DIGEST)))
    change(run, result_hash=read_result(run.work_dir())[1], metrics_json={"score_mean": 0.5})
    return run


def test_files_as_they_were_written() -> None:
    completed_run("log.txt", f"{FOLDER}/weights")

    assert findings_of("files_are_as_they_were") == []


def test_a_changed_file() -> None:
    (completed_run("log.txt").work_dir() / "log.txt").write_text("other")

    assert findings_of("files_are_as_they_were")[0].detail.endswith("changed or missing: log.txt")


def test_a_missing_weight() -> None:
    (completed_run(f"{FOLDER}/a", f"{FOLDER}/b").work_dir() / FOLDER / "a").unlink()

    assert len(findings_of("files_are_as_they_were")) == 1


def test_weights_that_were_pruned() -> None:
    folder = completed_run(f"{FOLDER}/a").work_dir() / FOLDER
    (folder / "a").unlink()
    folder.rmdir()

    assert findings_of("files_are_as_they_were") == []
