"""What Ray's hooks pass to the ledger, and which errors they survive."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError

from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.sampling import Sampler
from tuning.execution import trainables
from tuning.execution.ledger_source import LedgerSource, curve_of
from tuning.execution.source import Death
from tuning.models import TuningAttempt
from tunix.pipeline.spec import RunOutcome
from tunix.work import database_retries

from ...tests.ledger_steps import result_of, running_job, take

pytestmark = pytest.mark.django_db


def test_the_curve_has_only_complete_and_finite_lines(tmp_path: Path) -> None:
    lines = [{"step": 5, "train_loss": 2.0}, {"step": 5, "eval_loss": 1.5}, {"step": 9, "eval_loss": float("nan")}]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"step": 10, "eval'
    (tmp_path / "metrics.jsonl").write_text(text)

    assert curve_of(tmp_path) == [(5, "eval_loss", 1.5)]


def test_a_closed_connection_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    source = LedgerSource(running_job(), 1, "noop")
    answers: list[Any] = [
        InterfaceError("connection already closed"),
        Proposal({"learning_rate": 0.001, "batch_size": 16}),
    ]

    def propose(sampler: Sampler, number: int) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Sampler, "propose", propose)
    monkeypatch.setattr(database_retries, "connection", type("Closed", (), {"close": lambda self: None})())

    config = source.next_config()

    assert config is not None
    assert (config["number"], config["learning_rate"]) == (0, 0.001)


def test_an_error_with_invalid_characters_can_be_stored() -> None:
    job = running_job()
    assignment = take(job)
    config = {"attempt_id": assignment.attempt_id, "spec": assignment.spec}

    LedgerSource(job, 1, "noop").died(config, Death("not text: \x00 \ud800"))

    assert TuningAttempt.objects.get().error == "not text: \\x00 \\ud800"


def test_a_failed_run_reports_no_metrics(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assignment = take(running_job())
    failed = result_of(assignment, outcome=RunOutcome.FAILED, metrics={"eval_loss": 0.1}, verdict=None)
    monkeypatch.setitem(trainables.TRAINABLES, "failing", lambda spec, folder, report, at_rung: failed)

    reported = trainables.run_trial({"spec": assignment.spec, "trainable": "failing", "artifacts_dir": str(tmp_path)})

    assert reported == {"run_id": assignment.run_id, "outcome": "failed"}
