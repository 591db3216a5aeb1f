"""`manage.py reproduce`, apart from the training."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.reproducing import report_on

from .factories import make_run
from .reproduced import change_row, leave_files, make_trained_run

pytestmark = pytest.mark.django_db
FOREGROUND = "tunix.runs.following.run_in_foreground"


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the reproduction say these words, or end otherwise."""

    def says(*said: str, **columns: Any) -> None:
        def run_in_foreground(run: TunixRun, **options: Any) -> None:
            ended = columns or {
                "status": RunStatus.COMPLETED,
                "reproduction_json": report_on(run, leave_files(run, said)),
            }
            TunixRun.objects.filter(pk=run.pk).update(**ended)
            run.refresh_from_db()

        monkeypatch.setattr(FOREGROUND, run_in_foreground)

    return says


def exit_code(*arguments: Any) -> Any:
    with pytest.raises(SystemExit) as caught:
        call_command("reproduce", *arguments)
    return caught.value.code


def test_identical_is_success(says: Any, capsys: Any) -> None:
    says("2", "4")
    source = make_trained_run()
    call_command("reproduce", str(source.pk))

    printed = capsys.readouterr()
    assert printed.out.startswith("Identical: all 2 predictions")
    assert f"reproduces run {source.pk}" in printed.err


def test_another_prediction_is_named(says: Any, capsys: Any) -> None:
    says("2", "5")

    assert exit_code(str(make_trained_run().pk)) == 1
    assert "'4' before, '5' now" in capsys.readouterr().out


def test_a_changed_row_is_named(says: Any, capsys: Any) -> None:
    says("2", "4")
    source = make_trained_run()
    change_row(source.dataset)

    assert exit_code(str(source.pk)) == 1
    printed = capsys.readouterr().out
    assert "The validation split changed in row 1 (counted from 0)." in printed
    assert "-> 'changed' now" in printed


def test_json_is_one_object(says: Any, capsys: Any) -> None:
    says("2", "4")
    source = make_trained_run()
    call_command("reproduce", str(source.pk), "--json")

    printed = json.loads(capsys.readouterr().out)
    assert (printed["reproduces"], printed["report"]["outcome"]) == (str(source.pk), "identical")


@pytest.mark.parametrize(("status", "code"), [(RunStatus.FAILED, 2), (RunStatus.CANCELED, 130)])
def test_a_run_that_did_not_complete(says: Any, status: RunStatus, code: int) -> None:
    says(status=status)

    assert exit_code(str(make_trained_run().pk)) == code


@pytest.mark.parametrize("run", ["x", str(uuid.UUID(int=7))])
def test_an_unknown_run_could_not_run(run: str) -> None:
    with pytest.raises(CommandError, match="There is no run") as caught:
        call_command("reproduce", run)
    assert caught.value.returncode == 2


def test_what_the_service_refuses_could_not_run() -> None:
    with pytest.raises(CommandError, match="could not be compared") as caught:
        call_command("reproduce", str(make_run().pk))
    assert caught.value.returncode == 2
