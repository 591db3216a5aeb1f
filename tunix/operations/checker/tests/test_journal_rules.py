"""The journal is compared with the rows: each way in which they can differ is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tuning.domain.space.params_hash import params_hash
from tuning.models import TuningAttempt
from tunix.operations.checker.check import check_ledger

from .worlds import change, completed_job, first_trial

pytestmark = pytest.mark.django_db


def lines_of_job() -> list[dict[str, Any]]:
    """What the trials of a completed job wrote: one that was lost, two that completed."""
    completed_job()
    lines = []
    for attempt in TuningAttempt.objects.select_related("run", "trial").order_by("pk"):
        line = {
            "event": "started",
            "run_id": str(attempt.run_id),
            "trial": attempt.trial.number,
            "attempt_id": attempt.pk,
            "attempt_number": attempt.number,
            "params_hash": params_hash(attempt.run.config_json["hyperparameters"]),
        }
        lines.append(line)
        if attempt.outcome == "completed":
            lines.append(line | {"event": "ended", "outcome": "completed", "metrics": attempt.run.metrics_json})
    return lines


def broken_by(lines: list[Any], folder: Path) -> list[str]:
    """The rules that find something in a journal of these lines."""
    path = folder / "journal"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return [finding.rule for finding in check_ledger(journal=path).findings]


def test_a_journal_that_says_the_same(tmp_path: Path) -> None:
    assert broken_by(lines_of_job(), tmp_path) == []


@pytest.mark.parametrize(
    "other", [{"metrics": {"score_mean": 0.9}}, {"params_hash": "0"}, {"trial": 7}, {"outcome": "failed"}]
)
def test_a_trial_that_was_executed_otherwise(other: dict[str, Any], tmp_path: Path) -> None:
    lines = lines_of_job()

    assert broken_by([*lines[:-1], lines[-1] | other], tmp_path) == ["completed_attempts_were_executed"]


def test_a_completed_trial_that_was_never_executed(tmp_path: Path) -> None:
    assert broken_by(lines_of_job()[:-2], tmp_path) == ["completed_attempts_were_executed"]


def test_an_execution_that_began_twice(tmp_path: Path) -> None:
    lines = lines_of_job()

    assert broken_by([*lines, lines[0]], tmp_path) == ["runs_are_executed_once"]


def test_an_execution_that_ended_twice(tmp_path: Path) -> None:
    lines = lines_of_job()

    broken = broken_by([*lines, lines[-1]], tmp_path)

    assert broken == ["completed_attempts_were_executed", "runs_are_executed_once"]


def test_an_execution_that_was_never_assigned(tmp_path: Path) -> None:
    lines = lines_of_job()
    stray = lines[0] | {"run_id": "00000000-0000-0000-0000-000000000000"}

    assert broken_by([*lines, stray], tmp_path) == ["executions_were_assigned"]


def test_a_damaged_line(tmp_path: Path) -> None:
    assert broken_by([*lines_of_job(), '{"event": "sta'], tmp_path) == ["the_journal_is_whole"]


def test_a_value_that_was_changed_with_its_run(tmp_path: Path) -> None:
    lines = lines_of_job()
    trial = first_trial(TuningAttempt.objects.latest("pk").trial.job)
    change(trial, metric_value=0.9)
    change(trial.run, metrics_json={"score_mean": 0.9})

    assert "completed_attempts_were_executed" in broken_by(lines, tmp_path)
