"""`manage.py train_run`, apart from the training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import ASKED, write_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the run end with these columns."""

    def ends(**columns: Any) -> None:
        def run_in_foreground(run: TunixRun, *, on_poll: Any, **options: Any) -> None:
            write_lines(run.work_dir() / "metrics.jsonl", [{"step": 5, "train_loss": 1.25}])
            on_poll()
            on_poll()
            TunixRun.objects.filter(pk=run.pk).update(**columns)
            run.refresh_from_db()

        monkeypatch.setattr("tunix.runs.following.run_in_foreground", run_in_foreground)

    return ends


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(ASKED))
    return path


def test_report_names_metrics_and_folder(ends: Any, file: Path, capsys: Any) -> None:
    ends(status=RunStatus.COMPLETED, metrics_json={"score_mean": 0.75})
    call_command("train_run", file)
    printed = capsys.readouterr()
    run = TunixRun.objects.get()
    assert printed.out == f"completed: run {run.pk}\n  score_mean 0.75\n  {run.work_dir()}\n"
    assert printed.err == f"Run {run.pk}\n  step 5: train_loss 1.25\n"


def test_json_is_one_object(ends: Any, file: Path, capsys: Any) -> None:
    ends(status=RunStatus.COMPLETED, metrics_json={"score_mean": 0.75})
    call_command("train_run", file, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["status"], printed["metrics"]) == ("completed", {"score_mean": 0.75})
    assert printed["run_id"] == str(TunixRun.objects.get().pk)


@pytest.mark.parametrize(("status", "code"), [(RunStatus.FAILED, 1), (RunStatus.CANCELED, 130), (RunStatus.RUNNING, 1)])
def test_exit_code_tells_how_it_ended(ends: Any, file: Path, status: RunStatus, code: int) -> None:
    ends(status=status)
    with pytest.raises(SystemExit) as caught:
        call_command("train_run", file)
    assert caught.value.code == code


def test_faults_stand_on_a_line_each(file: Path) -> None:
    file.write_text(json.dumps(ASKED | {"base_model_id": "x", "seed": 1}))
    with pytest.raises(CommandError) as caught:
        call_command("train_run", file)
    assert len(str(caught.value).splitlines()) == 3
    assert not TunixRun.objects.exists()


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.json"):
        call_command("train_run", tmp_path / "none.json")
