"""kill -9 the runner in the middle of a search: the rest of it is what an undisturbed one proposes, by any sampler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.tests.sampler_cases import ALGORITHMS, sampler_of
from tuning.domain.tests.factories import run_job
from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob
from .jobs import WITHOUT_RAY, Job
from .matrix import row

pytestmark = [pytest.mark.slow, row("worker or runner killed")]

SAMPLERS = ("random", "grid", "sobol", "tpe", "cmaes", "nsga2", "gp")
TRIALS, SEED = 10, 3
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1},
    "warmup_ratio": {"type": "uniform", "min": 0.0, "max": 0.3},
    "batch_size": {"type": "choice", "values": [8, 16, 32]},
}
FINITE: dict[str, Any] = {
    "learning_rate": {"type": "choice", "values": [1e-4, 1e-3, 1e-2, 1e-1]},
    "batch_size": {"type": "choice", "values": [8, 16, 32]},
}
OPTIONS: dict[str, Mapping[str, Any]] = {**ALGORITHMS, "grid": {"name": "grid"}}


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_continues_as_if_nothing_had_happened(
    name: str, new_job: AddJob, installation: Installation
) -> None:
    # The import of some samplers keeps Python busy for seconds on a loaded machine: a short lease would end there.
    installation.env |= {"NOOP_SECONDS": "0.5", "LEASE_SECONDS": "60"}
    job = new_job(**_columns(name))
    command = job.supervise()

    runner = job.runner()
    wait_until(lambda: len(job.trials()) > TRIALS // 2, 180)
    runner.kill()
    command.communicate(timeout=240)

    assert job.status == "completed", job.runner_logs()
    assert "runner_lost" in {reason for _, _, _, reason in job.attempts()}
    assert _proposed(job) == _undisturbed(name)


def _space_of(name: str) -> dict[str, Any]:
    return FINITE if name == "grid" else SPACE


def _columns(name: str) -> dict[str, Any]:
    algorithm = Algorithm.parse(OPTIONS[name]).to_json()
    return {
        "mode": WITHOUT_RAY,
        "num_samples": TRIALS,
        "seed": SEED,
        "search_space_json": json.dumps(_space_of(name)),
        "fixed_params_json": "{}",
        "algorithm_json": json.dumps(algorithm),
    }


def _proposed(job: Job) -> list[dict[str, Any]]:
    return [json.loads(params) for _, (params, _) in sorted(job.params().items())]


def _undisturbed(name: str) -> list[dict[str, Any]]:
    def fate(number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        """What a trial that trains nothing reports."""
        return {"outcome": "completed", "value": 1.0 / (1.0 + abs(params["learning_rate"] - 1e-3))}

    trials = run_job(sampler_of(OPTIONS[name], _space_of(name), seed=SEED, mode="max"), TRIALS, fate)
    return [dict(trial.params) for trial in trials]
