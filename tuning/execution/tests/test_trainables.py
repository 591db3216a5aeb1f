"""What a trial executes on its worker, and what it reports to Ray."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tuning.execution import trainables, worker
from tuning.execution.ledger_source import LedgerSource
from tuning.execution.trainables import reporter, run_trial
from tuning.execution.worker import WorkerQuarantined, this_worker, worker_of
from tuning.models import TuningAttempt
from tunix.pipeline.failures import TimedOut

from ...tests.ledger_steps import running_job, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def config(artifacts_dir: Path) -> dict[str, Any]:
    """The configuration that Ray passes to a worker, of a trial that trains nothing."""
    assignment = take(running_job())
    ids = {"attempt_id": assignment.attempt_id, "number": 0, "attempt_number": 1}
    return {**ids, "spec": assignment.spec, "trainable": "noop", "artifacts_dir": str(artifacts_dir)}


def folder_of(config: dict[str, Any]) -> Path:
    return Path(config["artifacts_dir"]) / "runs" / config["spec"]["run_id"]


def test_a_worker_registers_before_it_starts(config: dict[str, Any]) -> None:
    run_trial(config)
    assert worker_of(folder_of(config)) == this_worker()


def test_a_quarantined_worker_executes_nothing(config: dict[str, Any]) -> None:
    with pytest.raises(WorkerQuarantined):
        run_trial(config | {"quarantined": [this_worker()]})
    assert not (folder_of(config) / "result.json").exists()


def test_a_quarantined_host_delays_its_refusal(config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(worker.time, "sleep", waited.append)
    with pytest.raises(WorkerQuarantined):
        run_trial(config | {"quarantined": [this_worker().partition("/")[0]]})
    assert waited == [worker.SECONDS_BEFORE_REFUSING]


def test_a_run_that_takes_too_long_ends_at_its_next_report(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 4.0, 6.0])
    monkeypatch.setattr(trainables.time, "monotonic", lambda: next(now))
    report = reporter(5)
    report(1, {})
    with pytest.raises(TimedOut, match=r"more than 5 seconds .* at step 2"):
        report(2, {})


def test_a_trial_that_timed_out_says_so(config: dict[str, Any]) -> None:
    reported = run_trial(config | {"max_seconds": 0.0})
    result = json.loads((folder_of(config) / "result.json").read_text())
    assert (reported["reason"], result["reason"]) == ("timeout", "timeout")


def test_a_result_that_does_not_fit_on_the_disk_fails_with_that_reason(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT_AT", "trial.result:no_space")
    reported = run_trial(config)
    attempt = TuningAttempt.objects.select_related("trial__job").get()

    LedgerSource(attempt.trial.job, 1, "noop").ended(config, reported)

    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.reason) == ("failed", "no_space")


def test_a_missing_result_is_a_lost_worker(config: dict[str, Any]) -> None:
    attempt = TuningAttempt.objects.select_related("trial__job").get()
    LedgerSource(attempt.trial.job, 1, "noop").ended(config, {"outcome": "completed"})
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.reason) == ("lost", "lost")


def test_only_listed_trainables_are_executed(config: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        run_trial(config | {"trainable": "os.system"})
