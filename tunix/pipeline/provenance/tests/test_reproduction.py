"""The comparison of a run with its reproduction, over values made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tunix.pipeline.data.rows import Row
from tunix.pipeline.provenance.differences import Difference, Group
from tunix.pipeline.provenance.environment_snapshot import EnvironmentSnapshot
from tunix.pipeline.provenance.fingerprints import fingerprint_of
from tunix.pipeline.provenance.reproduction import ReproductionReport, compare, not_compared
from tunix.pipeline.provenance.run_record import RunRecord, ScoredPrediction
from tunix.pipeline.spec import RunResult

SPEC: dict[str, Any] = {
    "run_id": "one",
    "base_model_id": "tiny-gemma3",
    "base_model_hash": "a" * 64,
    "dataset": {"key": "sums", "version": "1" * 64},
    "hyperparameters": {"learning_rate": 0.01, "seed": 0},
    "evaluation": {"judge": "answer_correctness", "split": "validation"},
    "threads": 1,
}
TRAIN = [Row("5+5=", "10"), Row("6+6=", "12")]
SAID = [ScoredPrediction("1+1=", "2", "2", 1.0, 0), ScoredPrediction("2+2=", "4", "5", 0.0, 1)]
ENVIRONMENT: dict[str, Any] = {"packages": {"jax": "1.0"}, "device": "cpu", "cpu": "A", "code_sha256": "c" * 64}


def record(
    said: list[ScoredPrediction] = SAID,
    *,
    train: list[Row] = TRAIN,
    packages: Mapping[str, str] | None = None,
    old: bool = False,
    judge_version: str = "1",
    environment: Mapping[str, Any] | None = None,
    metrics: Mapping[str, float] | None = None,
    **spec: Any,
) -> RunRecord:
    """What a run left; an `old` one has no snapshot."""
    scores = [found.score or 0.0 for found in said]
    mean = sum(scores) / len(scores)
    result = RunResult.model_validate(
        {
            "run_id": "one",
            "outcome": "completed",
            "metrics": {"score_mean": mean, "train_loss": 1.5, "train_seconds": 2.0, **(metrics or {})},
            "verdict": {
                "judge": "answer_correctness",
                "judge_version": judge_version,
                "split": "validation",
                "items": len(said),
                "score_mean": mean,
                "item_scores": scores,
            },
            "environment": ENVIRONMENT | (environment or {}),
            "started_at": "",
            "finished_at": "",
        }
    )
    splits = {"train": train, "validation": [found.row for found in said]}
    prints = {split: fingerprint_of(rows, str(rows)) for split, rows in splits.items()}
    snapshot = (
        None if old else EnvironmentSnapshot(packages=dict(packages or {"jax": "1.0", "rich": "1"}), splits=prints)
    )
    return RunRecord(SPEC | spec, result, said, snapshot)


def other_data(**overrides: Any) -> RunRecord:
    return record(dataset={"key": "sums", "version": "2" * 64}, **overrides)


def only_difference(report: ReproductionReport) -> Difference:
    (found,) = report.differences
    return found


def test_the_same_again_is_identical() -> None:
    report = compare(record(), record(run_id="two"))

    assert (report.outcome, report.differences, report.rows) == ("identical", [], [])
    assert report.sentence.startswith("Identical: all 2 predictions and the score 0.5 are the same.")


def test_times_do_not_count() -> None:
    report = compare(record(), record(metrics={"train_seconds": 9.0}))

    assert "train_seconds" not in report.metrics
    assert "Different metrics" not in report.sentence


def test_last_digits_of_a_loss_are_told() -> None:
    report = compare(record(), record(metrics={"train_loss": 1.50001}))

    assert report.outcome == "identical"
    assert "Different metrics: train_loss." in report.sentence


def test_another_prediction_with_the_same_score() -> None:
    report = compare(record(), record([SAID[0], ScoredPrediction("2+2=", "4", "6", 0.0, 1)]))

    assert (report.outcome, report.predictions.differing) == ("same_score", 1)
    (change,) = report.predictions.first
    assert (change.index, change.prompt, change.old, change.new) == (1, "2+2=", "5", "6")


def test_another_score_without_a_cause_says_where_to_look() -> None:
    report = compare(record(), record([SAID[0], ScoredPrediction("2+2=", "4", "4", 1.0, 1)]))

    assert report.outcome == "different"
    assert "the score was 0.5 and is 1; 1 of 2 predictions differ" in report.sentence
    assert "Look for a cause that is not recorded" in report.sentence


def test_a_missing_prediction_differs() -> None:
    report = compare(record(), record(SAID[:1]))

    assert report.predictions.first[0].new is None


def test_predictions_are_paired_by_the_places_of_their_rows() -> None:
    moved = [replace(SAID[1], prediction="6"), replace(SAID[0], place=7)]

    changes = {change.index: (change.old, change.new) for change in compare(record(), record(moved)).predictions.first}
    assert changes == {0: ("2", None), 1: ("5", "6"), 7: (None, "2")}


def test_only_the_first_other_predictions_are_kept() -> None:
    said = [ScoredPrediction(f"{n}", "x", "y", 0.0, n) for n in range(20)]
    report = compare(record(said), record([replace(one, prediction="z") for one in said]))

    assert (report.predictions.differing, len(report.predictions.first)) == (20, 5)


def test_a_changed_judged_row_is_named_with_its_texts() -> None:
    report = compare(record(), other_data(said=[SAID[0], ScoredPrediction("2+3=", "5", "5", 1.0, 1)]))

    (split,) = report.rows
    assert (split.split, split.changed) == ("validation", 1)
    assert split.sentence == "The validation split changed in row 1 (counted from 0)."
    assert (split.first[0].old_prompt, split.first[0].new_prompt) == ("2+2=", "2+3=")


def test_a_changed_training_row_is_named_by_its_hash() -> None:
    report = compare(record(), other_data(train=[TRAIN[0], Row("6+6=", "13")]))

    (split,) = report.rows
    assert (split.split, split.first[0].index, split.first[0].old_prompt) == ("train", 1, None)
    assert only_difference(report).group == Group.DATA


def test_added_rows_are_counted() -> None:
    report = compare(record(), other_data(train=[*TRAIN, Row("7", "7"), Row("8", "8")]))

    assert report.rows[0].sentence == "The train split changed in 2 rows: 2, 3 (counted from 0)."


def test_the_judged_rows_of_a_run_without_a_snapshot_are_compared_by_their_texts() -> None:
    report = compare(record(old=True), other_data(said=[ScoredPrediction("1+2=", "3", "2", 1.0, 0), SAID[1]]))

    assert [(split.split, split.first[0].index) for split in report.rows] == [("validation", 0)]
    assert report.outcome == "same_score"


def test_another_package_is_named() -> None:
    found = only_difference(compare(record(), record(packages={"jax": "1.1", "rich": "1"})))

    assert (found.group, found.name, found.old, found.new) == (Group.PACKAGES, "jax", "1.0", "1.1")
    assert found.sentence.startswith("jax: 1.0 before, 1.1 now; results may differ")


def test_a_package_that_is_gone_is_named() -> None:
    found = only_difference(compare(record(), record(packages={"jax": "1.0"})))

    assert (found.name, found.new) == ("rich", None)
    assert "unlikely to change" in found.sentence


def test_packages_of_a_run_without_a_snapshot_are_those_it_knew() -> None:
    found = only_difference(compare(record(old=True, environment={"packages": {"jax": "0.9"}}), record()))

    assert (found.name, found.old) == ("jax", "0.9")


@pytest.mark.parametrize(
    ("new", "group", "name"),
    [
        ({"judge_version": "2"}, Group.JUDGE, "version of judge answer_correctness"),
        ({"base_model_hash": "b" * 64}, Group.BASE_MODEL, "base model"),
        ({"threads": 2}, Group.MACHINE, "threads"),
        ({"environment": {"cpu": "B"}}, Group.MACHINE, "cpu"),
        ({"environment": {"code_sha256": "d" * 64}}, Group.CODE, "tunix/pipeline"),
        ({"hyperparameters": {"learning_rate": 0.01, "seed": 1}}, Group.ASKED, "hyperparameters.seed"),
    ],
)
def test_what_differs_has_its_group(new: dict[str, Any], group: Group, name: str) -> None:
    report = compare(record(), record(**new))

    assert (only_difference(report).group, only_difference(report).name) == (group, name)
    assert f"Inputs that differ: {group.value.replace('_', ' ')}." in report.sentence


def test_what_an_older_run_did_not_record_is_no_difference() -> None:
    old = {name: value for name, value in SPEC.items() if name != "base_model_hash"}
    before = RunRecord(old, record(environment={"code_sha256": ""}).result, SAID, None)

    assert compare(before, record()).differences == []


def test_text_that_no_database_takes_is_written_out() -> None:
    report = compare(record(), record([SAID[0], ScoredPrediction("2+2=", "4", "\x00\ud800", 0.0, 1)]))

    assert report.predictions.first[0].new == "\\x00\\ud800"


def test_nothing_to_compare_is_said() -> None:
    assert not_compared("it is gone.").outcome == "not_compared"


def test_a_run_of_an_older_engine_says_what_it_computes_differently() -> None:
    found = only_difference(compare(record(), record(environment={"engine_version": 2})))

    assert (found.group, found.old, found.new) == (Group.CODE, 1, 2)
    assert found.sentence == (
        "version of the training engine: 1 before, 2 now; with gradient_accumulation_steps above 1, an update averages "
        "over tokens, not over batches, since 2."
    )


def test_an_engine_that_is_not_known_here_is_a_difference_all_the_same() -> None:
    versions = [record(environment={"engine_version": version}) for version in (98, 99)]

    assert "trains, generates or judges differently" in only_difference(compare(*versions)).sentence
