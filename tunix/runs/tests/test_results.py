"""Reading what a run left behind."""

from __future__ import annotations

import hashlib

import pytest

from tunix.runs.models import TunixRun
from tunix.runs.results import ResultUnreadable, changed_files, read_result
from tunix.runs.tests.factories import make_result, make_run, write_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> TunixRun:
    return make_run()


def test_result_comes_with_the_hash_of_its_file(run: TunixRun) -> None:
    path = write_result(run, make_result(run))
    result, result_hash = read_result(run.work_dir())
    assert result == make_result(run)
    assert result_hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_result_is_unreadable(run: TunixRun) -> None:
    with pytest.raises(ResultUnreadable, match="No such file"):
        read_result(run.work_dir())


def test_half_a_result_is_unreadable(run: TunixRun) -> None:
    path = write_result(run, make_result(run))
    path.write_text(path.read_text()[:100])
    with pytest.raises(ResultUnreadable, match="damaged"):
        read_result(run.work_dir())


def test_result_of_another_run_is_refused(run: TunixRun) -> None:
    write_result(run, make_result(run, run_id="somebody-else"))
    with pytest.raises(ResultUnreadable, match="belongs to run somebody-else"):
        read_result(run.work_dir())


def test_changed_and_missing_files_are_named(run: TunixRun) -> None:
    sha256 = hashlib.sha256(b"rows").hexdigest()
    files = dict.fromkeys(["same", "changed", "missing", "runner.1.log"], sha256)
    write_result(run, make_result(run, files=files))
    (run.work_dir() / "same").write_bytes(b"rows")
    (run.work_dir() / "changed").write_bytes(b"more")
    assert changed_files(run.work_dir(), make_result(run, files=files)) == ["changed", "missing"]


def test_error_that_no_database_takes_is_written_out(run: TunixRun) -> None:
    write_result(run, make_result(run).model_copy(update={"error": "not text: \x00"}))
    assert read_result(run.work_dir())[0].error == "not text: \\x00"
