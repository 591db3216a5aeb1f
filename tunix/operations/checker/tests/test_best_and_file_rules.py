"""Rules about the best trial and about files find what was changed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tuning.models import TuningJob
from tunix.pipeline import stamps
from tunix.runs.base_models import addition
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.base_models.tests.added import make_added
from tunix.runs.models import BaseModel
from tunix.runs.tests.checkpoints import make_promotable_run

from .worlds import change, completed_job, findings_of, first_trial, last_attempt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "columns", [{"best_value": 0.9}, {"best_params_json": {}}, {"best_run": None}, {"best_trial": None}]
)
def test_a_best_that_is_not_that_of_the_rows(columns: dict[str, Any]) -> None:
    change(completed_job(), **columns)

    assert len(findings_of("best_is_the_best_of_the_rows")) == 1


def test_a_best_that_is_not_the_best() -> None:
    trial = first_trial(completed_job())
    change(trial, metric_value=0.99)

    assert "trial 0, 0.99" in findings_of("best_is_the_best_of_the_rows")[0].detail


@pytest.mark.parametrize(("number", "findings"), [(0, 0), (1, 1)])
def test_a_job_that_ended_before_means_counted_keeps_its_luckiest_run(number: int, findings: int) -> None:
    job = completed_job()
    change(job.trials.get(number=0), replicate=1, slot=0)
    change(job.trials.get(number=1), replicate=0, slot=0)
    best = job.trials.get(replicate=number)
    columns = {"best_params_json": best.params_json, "best_value": best.metric_value + number}
    change(job, best_trial=best, best_run=best.run, **columns)

    assert len(findings_of("best_is_the_best_of_the_rows")) == findings


@pytest.mark.parametrize("lacked", [["best_runs"], ["guards", "objectives", "best_values"], ["why_no_best"]])
def test_a_best_file_of_an_earlier_release_is_compared_in_the_fields_that_it_has(lacked: list[str]) -> None:
    path = staged_best(completed_job())
    content = {name: value for name, value in json.loads(path.read_text()).items() if name not in lacked}
    path.write_text(json.dumps(content | {"version": 0}))
    assert findings_of("best_file_says_the_same") == []
    path.write_text(json.dumps(content | {"version": 0, "best_value": 0.9}))
    assert len(findings_of("best_file_says_the_same")) == 1


def test_a_best_file_from_before_there_was_a_version() -> None:
    path = staged_best(completed_job())
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in content.items() if name not in ("version", "guards")}))

    assert findings_of("best_file_says_the_same") == []


def test_a_best_file_of_this_release_has_every_field() -> None:
    path = staged_best(completed_job())
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in content.items() if name != "guards"}))

    assert len(findings_of("best_file_says_the_same")) == 1


def test_a_missing_best_file() -> None:
    staged_best(completed_job()).unlink()

    assert findings_of("best_file_says_the_same")[0].detail == "best.json is missing"


def test_a_best_file_with_another_content() -> None:
    path = staged_best(completed_job())
    path.rename(path.with_name("best.json"))
    path.with_name("best.json").write_text("{}")

    assert findings_of("best_file_says_the_same")[0].guarantee == "G8"


def staged_best(job: TuningJob) -> Any:
    """It gets its name on commit, which in a test does not come."""
    return job.work_dir() / f"best.{job.epoch}.json"


def test_a_missing_result() -> None:
    (last_attempt(completed_job()).run.work_dir() / "result.json").unlink()

    assert "cannot be read" in findings_of("files_are_as_they_were")[0].detail


def test_a_changed_result() -> None:
    path = last_attempt(completed_job()).run.work_dir() / "result.json"
    path.write_text(path.read_text().replace("0.25", "0.26"))

    assert "does not have the hash" in findings_of("files_are_as_they_were")[0].detail


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "since it was promoted: tokenizer.json"),
        (lambda folder: (folder / "weights.safetensors").unlink(), "has lost its weights.safetensors"),
        (lambda folder: folder.rename(folder.with_name("2")), "has lost its folder"),
    ],
    ids=["changed", "file", "folder"],
)
def test_a_promoted_model_that_is_not_whole(damage: Any, words: str, artifacts_dir: Path) -> None:
    model = promoted()
    assert findings_of("model_is_as_it_was") == []
    damage(artifacts_dir / model.path)
    assert words in findings_of("model_is_as_it_was")[0].detail


def test_a_promoted_model_with_the_files_of_another() -> None:
    change(promoted(), content_hash="0" * 64)
    assert "do not have the hash of the row" in findings_of("model_is_as_it_was")[0].detail


def test_an_added_model_whose_folder_is_changed(
    tmp_path: Path, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addition, "run_smoke_test", lambda folder: {})
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    make_added(tmp_path / "checkpoint")
    assert findings_of("model_is_as_it_was") == []
    (tmp_path / "checkpoint" / "tokenizer.json").write_text("{}")
    assert "was changed since it was added: tokenizer.json" in findings_of("model_is_as_it_was")[0].detail


def promoted() -> BaseModel:
    return promote_single_run(run=make_promotable_run(), data={"name": "mine", "unconfirmed": True}, actor=None)
