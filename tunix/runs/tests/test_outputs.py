"""Reading a run's folder for people, at work or done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tunix.runs.outputs import (
    MAX_CURVE_POINTS,
    MAX_LOG_BYTES,
    Predictions,
    clear_outputs,
    curves_and_damage,
    read_curves,
    read_log,
)
from tunix.runs.tests.factories import write_lines


def write_predictions(folder: Path, count: int, judged: int) -> None:
    rows = [
        {"index": i, "prompt": f"{i}+1=", "answer": str(i + 1), "prediction": "1", "truncated": False}
        for i in range(count)
    ]
    write_lines(folder / "predictions.jsonl", rows)
    write_lines(folder / "judgements.jsonl", [{"index": i, "score": float(i == 0)} for i in range(judged)])


def test_predictions_come_with_their_scores(tmp_path: Path) -> None:
    write_predictions(tmp_path, count=3, judged=3)
    assert [row["score"] for row in Predictions(tmp_path)] == [1.0, 0.0, 0.0]
    assert Predictions(tmp_path)[0]["prompt"] == "0+1="


def test_predictions_without_a_judgement_have_no_score(tmp_path: Path) -> None:
    write_predictions(tmp_path, count=2, judged=1)
    assert Predictions(tmp_path)[1]["score"] is None


def test_slice_of_predictions(tmp_path: Path) -> None:
    write_predictions(tmp_path, count=9, judged=9)
    assert [row["index"] for row in Predictions(tmp_path)[3:5]] == [3, 4]


def test_run_without_a_folder_has_nothing(tmp_path: Path) -> None:
    assert len(Predictions(tmp_path)) == 0
    assert read_curves(tmp_path) == {}
    assert read_log(tmp_path) == ""


def test_line_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train_loss": 2.0}\n{"step": 2, "train')
    assert read_curves(tmp_path) == {"train_loss": [{"step": 1, "value": 2.0}]}


def test_curves_leave_out_what_is_not_finite(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train_loss": NaN, "eval_loss": 3}\n')
    assert read_curves(tmp_path) == {"eval_loss": [{"step": 1, "value": 3}]}


@pytest.mark.parametrize("line", ["{not json", "[1]", "null", "[" * 100_000, '{"index": 1}'])
def test_damaged_line_of_predictions_is_a_row_that_says_so(tmp_path: Path, line: str) -> None:
    write_predictions(tmp_path, count=3, judged=3)
    lines = (tmp_path / "predictions.jsonl").read_text().splitlines()
    (tmp_path / "predictions.jsonl").write_text("\n".join([lines[0], line, lines[2]]) + "\n")

    rows = list(Predictions(tmp_path))
    assert [row["error"] for row in rows] == ["", "Line 2 of predictions.jsonl is damaged.", ""]
    assert [row["index"] for row in rows] == [0, 1, 2]


def test_damaged_line_of_judgements_is_a_row_that_was_not_judged(tmp_path: Path) -> None:
    write_predictions(tmp_path, count=2, judged=2)
    (tmp_path / "judgements.jsonl").write_text('{"index": 0, "score": 1.0}\n{"index": 1, "sc\n')

    assert Predictions(tmp_path)[1] | {"prompt": ""} == {
        "index": 1,
        "row": 1,
        "prompt": "",
        "answer": "2",
        "prediction": "1",
        "truncated": False,
        "score": None,
        "reason": "",
        "error": "Line 2 of judgements.jsonl is damaged.",
    }


@pytest.mark.parametrize("line", ["{not json", "[1]", '{"train_loss": 1.0}', '{"step": "x", "train_loss": 1.0}'])
def test_damaged_line_of_the_curves_is_left_out_and_counted(tmp_path: Path, line: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(f'{{"step": 1, "train_loss": 2.0}}\n{line}\n')

    assert read_curves(tmp_path) == {"train_loss": [{"step": 1, "value": 2.0}]}
    assert curves_and_damage(tmp_path)[1] == 1


def test_long_curve_is_thinned_and_keeps_its_ends(tmp_path: Path) -> None:
    write_lines(tmp_path / "metrics.jsonl", [{"step": i, "train_loss": 1.0} for i in range(5001)])
    points = read_curves(tmp_path)["train_loss"]
    assert len(points) <= MAX_CURVE_POINTS
    assert (points[0]["step"], points[-1]["step"]) == (0, 5000)


def test_log_of_the_run_goes_before_that_of_the_runner(tmp_path: Path) -> None:
    (tmp_path / "runner.1.log").write_text("runner\n")
    assert read_log(tmp_path) == "runner\n"
    (tmp_path / "log.txt").write_text("run\n")
    assert read_log(tmp_path) == "run\n"


def test_latest_runner_speaks(tmp_path: Path) -> None:
    for epoch in (2, 10):
        (tmp_path / f"runner.{epoch}.log").write_text(f"epoch {epoch}\n")
        os.utime(tmp_path / f"runner.{epoch}.log", (epoch, epoch))
    assert read_log(tmp_path) == "epoch 10\n"


def test_tail_of_a_log(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("one\ntwo\nthree\n")
    assert read_log(tmp_path, tail=2) == "two\nthree\n"


@pytest.mark.parametrize("name", ["log.txt", "runner.1.log"])
def test_log_behind_a_link_that_leads_out_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret\n")
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / name).symlink_to(tmp_path / "secret")
    assert read_log(run_dir) == ""


def test_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "log.1.txt").write_text("one\n")
    (tmp_path / "log.txt").symlink_to("log.1.txt")
    assert read_log(tmp_path) == "one\n"


@pytest.mark.parametrize("name", ["predictions.jsonl", "metrics.jsonl"])
def test_rows_behind_a_link_that_leads_out_are_not_read(tmp_path: Path, name: str) -> None:
    write_lines(tmp_path / "secret", [{"index": 0, "step": 1, "train_loss": 1.0}])
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / name).symlink_to(tmp_path / "secret")
    assert (list(Predictions(run_dir)), read_curves(run_dir)) == ([], {})


@pytest.mark.timeout(10)
def test_pipe_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.txt")
    assert read_log(tmp_path) == ""


def test_long_log_is_cut_at_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"\xc3\xa4" * MAX_LOG_BYTES)
    assert len(read_log(tmp_path)) == MAX_LOG_BYTES // 2


@pytest.mark.parametrize("name", ["spec.json", "checkpoint/model.safetensors"])
def test_clearing_keeps_the_logs_of_runners_only(tmp_path: Path, name: str) -> None:
    write_lines(tmp_path / name, [{}])
    write_lines(tmp_path / "runner.1.log", [{}])
    clear_outputs(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["runner.1.log"]
