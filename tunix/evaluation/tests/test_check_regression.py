"""`manage.py check_regression` and its exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from .compared import make_baseline, make_judged_run, wrong_in

pytestmark = pytest.mark.django_db


def checked(run: Any, *options: str) -> int:
    """The exit code."""
    try:
        call_command("check_regression", str(run.pk), "--baseline", "release-1", *options)
    except SystemExit as end:
        return int(str(end.code))
    return 0


def test_no_regression_is_0(capsys: Any) -> None:
    make_baseline()

    assert checked(make_judged_run(wrong_in(range(192, 200)))) == 0
    assert capsys.readouterr().out.startswith("No regression: ")


def test_a_regression_is_1_and_names_the_items(capsys: Any) -> None:
    make_baseline()

    assert checked(make_judged_run(wrong_in(range(40)))) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("Regression: -0.150 [")
    assert "10 items won, 40 lost, 150 the same" in printed
    assert "-1 row 0, 'p0': 'right' before, '<b>wrong' now" in printed


def test_cannot_tell_is_2_and_says_how_many_items_would_do(capsys: Any) -> None:
    make_baseline()

    assert checked(make_judged_run(wrong_in(range(12)))) == 2
    assert "items would tell" in capsys.readouterr().out


def test_a_drop_may_be_allowed() -> None:
    make_baseline()
    run = make_judged_run(wrong_in(range(12)))

    assert checked(run, "--max-drop", "0.1") == 0


def test_json_is_what_the_api_answers(api: Any, capsys: Any) -> None:
    make_baseline()
    run = make_judged_run(wrong_in(range(192, 200)))
    checked(run, "--json")

    printed = json.loads(capsys.readouterr().out)
    assert printed == api.get(f"/api/baselines/release-1/compare?run={run.pk}").json()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--baseline", "none"], "There is no baseline 'none'"),
        (["--max-drop", "2"], "--max-drop must be"),
        (["--max-drop", "nan"], "--max-drop must be"),
    ],
)
def test_other_errors_are_3(options: list[str], says: str) -> None:
    make_baseline()
    with pytest.raises(CommandError, match=says) as caught:
        checked(make_judged_run([1.0, 0.0]), *options)
    assert caught.value.returncode == 3


def test_what_cannot_be_compared_is_3() -> None:
    make_baseline()
    with pytest.raises(CommandError, match="Different items") as caught:
        checked(make_judged_run([1.0, 0.0]))
    assert caught.value.returncode == 3


def test_an_unknown_run_is_3() -> None:
    make_baseline()
    with pytest.raises(CommandError, match="There is no run") as caught:
        call_command("check_regression", "x", "--baseline", "release-1")
    assert caught.value.returncode == 3
