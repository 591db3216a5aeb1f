"""A run and its reproduction, for real: trained in processes of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.data.row_order import load_sample
from tunix.work.tests.installation import Installation

from .test_real_run import RUN, trained

pytestmark = pytest.mark.slow


def reproduced(installation: Installation, run_id: str) -> tuple[int, dict[str, Any]]:
    """The exit code and what `reproduce --json` printed."""
    done = installation.run("reproduce", run_id, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["report"]


def change_a_judged_row(folder: Path) -> int:
    """Another answer in a validation row that is judged; returns its place in the file."""
    place = load_sample(folder, "validation", 32).places[2]
    file = folder / "validation.jsonl"
    lines = file.read_text().splitlines()
    lines[place] = json.dumps(json.loads(lines[place]) | {"answer": "0000"})
    file.write_text("\n".join(lines) + "\n")
    return place


def test_run_is_reproduced_and_what_changed_is_named(installation: Installation) -> None:
    run_id = trained(installation, RUN)["run_id"]
    code, report = reproduced(installation, run_id)
    assert (code, report["outcome"], report["differences"], report["rows"]) == (0, "identical", [], [])
    assert report["predictions"] == {"compared": 32, "differing": 0, "first": []}

    place = change_a_judged_row(installation.artifacts / "datasets" / "arithmetic-v1")
    code, report = reproduced(installation, run_id)
    assert code == 1
    assert [(split["split"], split["first"][0]["index"]) for split in report["rows"]] == [("validation", place)]
    assert [difference["name"] for difference in report["differences"]] == ["dataset version"]
