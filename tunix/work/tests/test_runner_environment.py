"""What the code of a trial finds in its environment, and what the lines of a runner carry."""

from __future__ import annotations

import logging
import os
from typing import Any

import pytest

from tunix.work import log_context, runner
from tunix.work.log_context import ContextFilter
from tunix.work.runner_secrets import SECRETS
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db
found: dict[str, Any] = {}


def note(pk: str, epoch: int, keeper: Any) -> None:
    """Stands for the work."""
    record = logging.makeLogRecord({})
    ContextFilter().filter(record)
    found.update(environ=dict(os.environ), record=record.__dict__)


@pytest.fixture(autouse=True)
def run(monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of a runner in this process."""
    monkeypatch.setattr(runner, "receive_secrets", lambda: dict.fromkeys(SECRETS, "a secret"))
    for name in SECRETS:
        monkeypatch.setenv(name, "")  # so that it is as before afterwards
    monkeypatch.setattr("tunix.work.keeper.end_with_parent", lambda: None)
    monkeypatch.setattr(log_context, "_of_process", {})
    work = make_work("running", id="00000000-0000-0000-0000-000000000007")
    monkeypatch.setattr(type(work), "RUNNER", f"{__name__}.note")
    assert runner.main([work.KIND, str(work.pk), "1"]) == 0


def test_no_secret_is_in_the_environment_of_the_work() -> None:
    assert "a secret" not in found["environ"].values()


def test_lines_of_the_runner_name_their_work() -> None:
    assert (found["record"]["run_id"], found["record"]["epoch"]) == ("00000000-0000-0000-0000-000000000007", 1)
