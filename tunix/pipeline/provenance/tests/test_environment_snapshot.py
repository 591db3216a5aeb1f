"""What a run records of its surroundings."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from tunix.pipeline.data.row_order import sample_of
from tunix.pipeline.data.rows import Row, rows_sha256, version_on_disk
from tunix.pipeline.provenance import installed
from tunix.pipeline.provenance.environment_snapshot import SNAPSHOT, read_snapshot, write_snapshot
from tunix.pipeline.provenance.fingerprints import changed_rows, fingerprint_of, fingerprints
from tunix.pipeline.run import execute
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report


def test_packages_are_those_installed() -> None:
    assert installed.packages()["jax"] == metadata.version("jax")
    assert len(installed.packages()) > len(installed.CORE)


def test_core_packages_are_all_there() -> None:
    assert set(installed.core_packages()) == set(installed.CORE)


def test_code_and_lock_have_hashes() -> None:
    assert {len(installed.code_sha256()), len(installed.lock_sha256()), len(installed.packages_sha256())} == {64}


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    splits = {"train": fingerprint_of(make_rows(3), "a")}
    write_snapshot(tmp_path, splits)

    snapshot = read_snapshot(tmp_path)
    assert snapshot is not None
    assert (snapshot.splits, snapshot.packages) == (splits, installed.packages())


@pytest.mark.parametrize("content", [None, "", "{}", "[", '{"version": 9}'])
def test_a_snapshot_that_cannot_be_read_is_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / SNAPSHOT).write_text(content)

    assert read_snapshot(tmp_path) is None


def test_changed_added_and_removed_rows_are_found() -> None:
    three = fingerprint_of(make_rows(3), "")

    assert changed_rows(three, fingerprint_of([*make_rows(2), Row("a", "b")], "")) == [2]
    assert changed_rows(three, fingerprint_of(make_rows(5), "")) == [3, 4]
    assert changed_rows(three, fingerprint_of(make_rows(2), "")) == [2]
    assert changed_rows(three, three) == []


def test_prompt_and_answer_are_hashed_apart() -> None:
    assert rows_sha256([Row("ab", "c")]) != rows_sha256([Row("a", "bc")])


def test_every_split_has_a_fingerprint(tmp_path: Path) -> None:
    make_dataset(tmp_path)

    found = fingerprints(tmp_path / "datasets" / "letters")
    assert {split: len(one.hashes()) for split, one in found.items()} == {"train": 64, "validation": 20, "test": 10}


def test_version_on_disk_follows_the_files(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    folder = tmp_path / "datasets" / "letters"
    assert version_on_disk(folder) == dataset.version

    (folder / "test.jsonl").write_text('{"prompt": "a", "answer": "b"}\n')
    assert version_on_disk(folder) != dataset.version


@pytest.mark.slow
def test_a_run_keeps_its_snapshot(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    result = execute(make_spec(dataset, seed=7), no_report, artifacts_dir=tmp_path)

    environment, snapshot = result.environment, read_snapshot(tmp_path / "runs" / result.run_id)
    assert environment["seed"] == 7
    assert environment["judge"] == {"name": "answer_correctness", "version": "2"}
    judged = rows_sha256(sample_of(make_rows(20, 64), 8).rows)
    assert environment["evaluated"] == {"split": "validation", "items": 8, "sha256": judged}
    assert environment["dataset"]["version"] == dataset.version
    assert snapshot is not None and set(snapshot.splits) == {"train", "validation", "test"}
    assert SNAPSHOT in result.files
