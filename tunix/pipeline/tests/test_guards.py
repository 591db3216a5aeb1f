"""A run is scored on its guards as well: other rows, verified before training, and written beside its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline import stamps
from tunix.pipeline.data import verified
from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.rows import Row
from tunix.pipeline.files import sha256
from tunix.pipeline.guards import describe_guards, prepare_guards
from tunix.pipeline.judges import Meter
from tunix.pipeline.provenance.differences import differences
from tunix.pipeline.provenance.run_record import RunRecord
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, GuardSpec, RunResult, RunSpec, Usage
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

EVALUATION = EvaluationSpec(max_items=8, max_new_tokens=4)


def guard_on(dataset: DatasetRef, **overrides: Any) -> GuardSpec:
    return GuardSpec(dataset=dataset, evaluation=EVALUATION.model_copy(update=overrides))


@pytest.fixture(scope="module")
def others(artifacts: Path) -> tuple[DatasetRef, DatasetRef]:
    """The validation rows of the letters under another key, and rows that no model answers correctly."""
    same = make_dataset(artifacts, "same-letters", validation=make_rows(20, start=64))
    wrong = make_dataset(artifacts, "wrong", validation=[Row(row.prompt, "never") for row in make_rows(6)])
    return same, wrong


@pytest.fixture(scope="module")
def guarded(artifacts: Path, letters: DatasetRef, others: tuple[DatasetRef, DatasetRef]) -> RunResult:
    spec = make_spec(letters, num_steps=40, guards=[guard_on(dataset) for dataset in others])
    return execute(spec, no_report, artifacts_dir=artifacts)


@pytest.mark.slow
def test_every_guard_is_scored_on_its_own_rows(guarded: RunResult) -> None:
    same, wrong = guarded.guards
    assert guarded.verdict is not None
    assert same.verdict.item_scores == guarded.verdict.item_scores
    assert (wrong.dataset.key, wrong.verdict.items, wrong.verdict.score_mean) == ("wrong", 6, 0.0)


@pytest.mark.slow
def test_what_it_said_to_guards_is_kept_and_hashed(guarded: RunResult, artifacts: Path) -> None:
    path = artifacts / "runs" / guarded.run_id / "guards" / "1" / "predictions.jsonl"
    assert [json.loads(line)["answer"] for line in path.read_text().splitlines()] == ["never"] * 6
    assert guarded.files["guards/1/predictions.jsonl"] == sha256(path)
    assert "guards/0/judgements.jsonl" in guarded.files


@pytest.mark.slow
def test_the_snapshot_names_the_rows_of_guards(guarded: RunResult, others: tuple[DatasetRef, DatasetRef]) -> None:
    described = guarded.environment["guards"]
    assert [guard["dataset"]["version"] for guard in described] == [dataset.version for dataset in others]
    assert [guard["items"] for guard in described] == [8, 6]


@pytest.mark.slow
def test_guards_change_nothing_else(guarded: RunResult, artifacts: Path, letters: DatasetRef) -> None:
    plain = execute(make_spec(letters, num_steps=40), no_report, artifacts_dir=artifacts)
    assert plain.verdict == guarded.verdict
    assert plain.guards == []
    assert "guards" not in plain.environment


@pytest.mark.slow
def test_other_rows_than_asked_for_end_the_run_before_it_trains(artifacts: Path, letters: DatasetRef) -> None:
    guards = [guard_on(DatasetRef(key="letters", version="0" * 64))]
    result = execute(make_spec(letters, guards=guards), no_report, artifacts_dir=artifacts)
    assert (result.reason, result.step) == ("user_error", 0)
    assert "train_seconds" not in result.timings


def test_rows_that_were_changed_are_refused(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    (tmp_path / "datasets" / "letters" / "validation.jsonl").write_text('{"prompt": "a", "answer": "b"}\n')
    with pytest.raises(Exception, match="are not those of version"):
        prepare_guards([guard_on(dataset)], HASH_ORDER, tmp_path)


def test_guards_of_the_next_run_are_neither_hashed_nor_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    guards = [guard_on(make_dataset(tmp_path))]
    first = describe_guards(prepare_guards(guards, HASH_ORDER, tmp_path))
    for name in ("verify", "load_sample", "rows_sha256"):
        monkeypatch.setattr(verified, name, None)
    assert describe_guards(prepare_guards(guards, HASH_ORDER, tmp_path)) == first


def test_a_split_without_rows_is_refused(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, train=make_rows(8), validation=[])
    with pytest.raises(Exception, match="guard dataset 'letters' has no rows"):
        prepare_guards([guard_on(dataset)], HASH_ORDER, tmp_path)


def test_a_spec_without_guards_reads_as_it_always_did(letters: DatasetRef) -> None:
    assert "guards" not in make_spec(letters).model_dump(mode="json")


def test_a_spec_with_guards_reads_back_the_same(letters: DatasetRef) -> None:
    spec = make_spec(letters, guards=[guard_on(letters, judge="choice_match")])
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


def test_the_usage_of_one_result_of_several_is_known() -> None:
    meter = Meter()
    meter.add(calls=3, cost=0.5)
    before = meter.usage
    assert meter.used_since(before) is None
    meter.add(calls=2, cost=0.25)
    assert meter.used_since(before) == Usage(calls=2, cost=0.25)
    assert meter.used_since(None) == meter.usage


def record_of(spec: RunSpec, **guard: Any) -> RunRecord:
    described = {
        "dataset": spec.guards[0].dataset.model_dump(),
        "split": "validation",
        "items": 8,
        "sha256": "a" * 64,
        "judge": {"name": "answer_correctness", "version": "2"},
    }
    result = RunResult(
        run_id=spec.run_id,
        outcome="completed",
        environment={"guards": [described | guard]},
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:00:00+00:00",
    )
    return RunRecord(spec.model_dump(mode="json"), result, [], None)


def test_changed_rows_of_a_guard_are_named() -> None:
    before = make_spec(DatasetRef(key="k", version="1"), guards=[guard_on(DatasetRef(key="g", version="1"))])
    now = before.model_copy(update={"guards": [guard_on(DatasetRef(key="g", version="2"))]})
    (found,) = differences(record_of(before), record_of(now, sha256="b" * 64))
    assert (found.group, found.name) == ("data", "rows of guard dataset g (validation)")


def test_another_version_of_a_guards_judge_is_named() -> None:
    spec = make_spec(DatasetRef(key="k", version="1"), guards=[guard_on(DatasetRef(key="g", version="1"))])
    judge = {"name": "answer_correctness", "version": "3"}
    (found,) = differences(record_of(spec), record_of(spec, judge=judge))
    assert (found.group, found.name) == ("judge", "version of judge answer_correctness of guard g")


def test_another_guard_is_named_by_what_was_asked() -> None:
    before = make_spec(DatasetRef(key="k", version="1"), guards=[guard_on(DatasetRef(key="g", version="1"))])
    now = before.model_copy(update={"guards": [guard_on(DatasetRef(key="g", version="1"), max_items=4)]})
    (found,) = differences(record_of(before), record_of(now))
    assert (found.group, found.name, found.old, found.new) == ("asked", "guards.0.evaluation.max_items", 8, 4)
