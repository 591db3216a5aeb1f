"""The failure reason that follows from Ray's text about the end of a worker."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tuning.execution.ray_tune import _death_of
from tunix.pipeline.spec import FailureReason

pytestmark = pytest.mark.slow  # imports Ray

TEXTS = {
    FailureReason.LOST: "ray.exceptions.ActorDiedError: The actor died unexpectedly.\nThe actor is dead: SIGKILL.",
    FailureReason.OUT_OF_MEMORY: "Task was killed due to the node running low on memory.\nRefer to the documentation.",
    FailureReason.ERROR: "\x1b[36mray::ImplicitFunc.train()\x1b[39m (pid=7, repr=trial)\n  File ...\nKeyError: 'x'",
    FailureReason.QUARANTINED: "Traceback (most recent call last):\ntuning.execution.worker.WorkerQuarantined: a/7",
}


@pytest.mark.parametrize("reason", TEXTS)
def test_the_reason_follows_from_the_text_of_ray(reason: FailureReason, tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text(TEXTS[reason])
    assert _death_of(SimpleNamespace(error_file=str(tmp_path / "error.txt"))).reason == reason


def test_the_error_is_the_last_line(tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text(TEXTS[FailureReason.LOST] + "\n\n")
    assert _death_of(SimpleNamespace(error_file=str(tmp_path / "error.txt"))).error == "The actor is dead: SIGKILL."


@pytest.mark.parametrize("path", [None, "/nowhere/error.txt"])
def test_a_worker_without_an_error_file_is_lost(path: str | None) -> None:
    death = _death_of(SimpleNamespace(error_file=path))
    assert (death.reason, death.error) == (FailureReason.LOST, "The trial's worker is gone.")
