"""Rejudging runs from before rows were sampled, whose predictions are in the order of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunix.pipeline.data.row_order import sample_of
from tunix.pipeline.data.rows import Row
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.folder import hashes, run_dir, write_predictions
from tunix.pipeline.judges import JudgeItem, Outputs
from tunix.pipeline.rejudge import judge_again
from tunix.pipeline.spec import EvaluationSpec, JudgeResult, RunSpec
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

ROWS = make_rows(20)


def older_run(artifacts: Path, max_items: int) -> RunSpec:
    """A run without a checkpoint that was right about every second row."""
    spec = make_spec(make_dataset(artifacts, validation=ROWS), {"max_items": max_items}, row_order="file")
    items = [JudgeItem(row.prompt, row.answer, said(place)) for place, row in enumerate(ROWS[:max_items])]
    folder = run_dir(artifacts, spec.run_id)
    folder.mkdir(parents=True)
    write_predictions(folder, Outputs(items, [False] * len(items)))
    (folder / "result.json").write_text(json.dumps({"files": hashes(folder)}))
    return spec


def said(place: int) -> str:
    return ROWS[place].answer if place % 2 else "?"


def again(artifacts: Path, spec: RunSpec, max_items: int) -> JudgeResult:
    asked = EvaluationSpec(max_items=max_items, max_new_tokens=4)
    output = artifacts / "out"
    return judge_again(spec, artifacts_dir=artifacts, evaluation=asked, output_dir=output, report=no_report)


def test_a_sample_is_found_among_the_predictions_for_all_rows(tmp_path: Path) -> None:
    verdict = again(tmp_path, older_run(tmp_path, 256), 8)
    places = sample_of(ROWS, 8).places
    assert (verdict.row_order, verdict.item_scores) == ("prompt_hash", [float(place % 2) for place in places])
    lines = (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"] for line in lines] == places


def test_without_a_checkpoint_the_first_rows_are_judged_as_before(tmp_path: Path) -> None:
    verdict = again(tmp_path, older_run(tmp_path, 8), 8)
    assert (verdict.row_order, verdict.item_scores) == ("file", [float(place % 2) for place in range(8)])


def test_more_rows_than_were_predicted_need_the_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(EvaluationUnavailable, match="checkpoint"):
        again(tmp_path, older_run(tmp_path, 8), 12)


def test_groups_of_the_rows_are_those_of_the_items(tmp_path: Path) -> None:
    spec = older_run(tmp_path, 256)
    grouped = [Row(row.prompt, row.answer, group=str(place // 2)) for place, row in enumerate(ROWS)]
    path = tmp_path / "datasets" / "letters" / "validation.jsonl"
    path.write_text("".join(json.dumps(row.to_json()) + "\n" for row in grouped))
    from tunix.pipeline.data.rows import version_on_disk

    version = version_on_disk(path.parent)
    spec = spec.model_copy(update={"dataset": spec.dataset.model_copy(update={"version": version})})
    sample = sample_of(grouped, 12)
    assert again(tmp_path, spec, 12).item_groups == sample.groups
    assert len(set(sample.groups or ())) == len({row.group for row in sample.rows})
