"""`manage.py check_ledger`: exit codes, words and JSON."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from .worlds import change, completed_job

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("check_ledger", *arguments, stdout=out)
    return out.getvalue()


def test_a_clean_ledger() -> None:
    completed_job()

    assert said().splitlines()[-1] == "No findings."


def test_findings_end_with_exit_code_1() -> None:
    change(completed_job(), best_value=0.9)

    with pytest.raises(SystemExit) as ended:
        said()
    assert ended.value.code == 1


def test_a_finding_says_what_and_where(capsys: Any) -> None:
    job = completed_job()
    change(job, best_value=0.9)

    with pytest.raises(SystemExit):
        call_command("check_ledger", "--json")
    report = json.loads(capsys.readouterr().out)
    finding = report["findings"][0]

    assert report["clean"] is False
    assert report["checked"]["jobs"] == 1
    assert finding["job"] == str(job.pk)
    assert finding.keys() == {"rule", "guarantee", "job", "trial", "detail", "hint"}


def test_files_can_be_left_out() -> None:
    job = completed_job()
    (job.work_dir() / f"best.{job.epoch}.json").unlink()

    assert json.loads(said("--json", "--no-files"))["clean"] is True


def test_a_job_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match="There is no job"):
        said("--job", str(uuid.uuid4()))


@pytest.mark.parametrize(("name", "reason"), [("none", "there is no such file"), ("", "it is a folder, not a file")])
def test_journal_that_cannot_be_read_is_no_journal_without_entries(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=f"cannot be read: {reason}") as refused:
        said("--journal", str(tmp_path / name))
    assert refused.value.returncode == 2
