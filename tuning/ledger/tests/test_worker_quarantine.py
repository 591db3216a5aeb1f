"""Under a real Ray, a quarantined worker refuses a trial, and another one executes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tuning.domain.space.search_space import SearchSpace
from tuning.execution.source import Death, NoMoreTrials
from tuning.execution.worker import worker_of
from tunix.pipeline.spec import FailureReason

from ...tests.factories import SPACE
from ...tests.ledger_steps import running_job, take

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


class ThreeExecutions:
    """The second one is not for the worker of the first."""

    def __init__(self, spec: dict[str, Any], artifacts: Path) -> None:
        self.spec, self.artifacts = spec, artifacts
        self.workers: list[str] = []
        self.deaths: list[Death] = []

    def next_config(self) -> dict[str, Any] | None:
        given = len(self.workers) + len(self.deaths)
        if given == 3:
            raise NoMoreTrials
        run_id = f"00000000-0000-0000-0000-00000000000{given}"
        return {
            "number": given,
            "attempt_number": 1,
            "trainable": "noop",
            "artifacts_dir": str(self.artifacts),
            "spec": self.spec | {"run_id": run_id},
            "quarantined": self.workers[:1],
        }

    def ended(self, config: dict[str, Any], reported: dict[str, Any]) -> None:
        self.workers.append(worker_of(self.artifacts / "runs" / config["spec"]["run_id"]))

    def died(self, config: dict[str, Any], death: Death) -> None:
        self.deaths.append(death)


def test_another_worker_executes_what_the_first_one_refused(artifacts_dir: Path, tmp_path: Path) -> None:
    from tuning.execution.ray_tune import Sweep, ray, run_sweep, start_ray

    source = ThreeExecutions(take(running_job()).spec, artifacts_dir)
    space = SearchSpace.parse(SPACE)
    sweep = Sweep("1", space, "score_mean", "max", 1, tmp_path / "ray", Path("/tmp") / f"tunix-{os.getpid()}")  # noqa: S108
    start_ray("local", sweep)
    try:
        run_sweep(sweep, source)
    finally:
        ray.shutdown()

    assert [death.reason for death in source.deaths] == [FailureReason.QUARANTINED]
    assert len(set(source.workers)) == 2
