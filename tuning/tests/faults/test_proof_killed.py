"""kill -9 the process that decides the stages of a proof: the next one continues with the same seeds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import uuid

import pytest
from django.conf import settings

from tuning.domain.selection.seeds import seed_of
from tuning.tests.proof_steps import STAGED
from tunix.work.tests.installation import Installation

from .conftest import AddJob
from .jobs import Job, take_step
from .matrix import row

pytestmark = [pytest.mark.slow, row("proof killed")]

FIRST_OF_STAGE = (1, 7, 11)
"""Of the held-out trials of 3, 5 and 8 seeds a side: the first of each stage, right after the stage was committed."""


def held_out(job: Job) -> list[tuple[int, int]]:
    sql = "SELECT replicate, params_json FROM tuning_tuningtrial WHERE job_id = ? AND kind = 'held_out' ORDER BY number"
    rows = job.installation.query(sql, job.hex)
    return [
        (replicate, (json.loads(params) if isinstance(params, str) else params)["seed"]) for replicate, params in rows
    ]


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_killed_at_the_first_run_of_each_stage(new_job: AddJob, installation: Installation) -> None:
    job = new_job(
        status="running",
        epoch=1,
        num_samples=1,
        confirmation_json=json.dumps(STAGED),
        confirmation_round=1,
        search_space_json=json.dumps({"learning_rate": {"type": "uniform", "min": 0.0001, "max": 0.1}}),
    )
    for at in FIRST_OF_STAGE:
        command = [sys.executable, "-m", "tuning.tests.faults.steps", "prove", job.id, json.dumps([at])]
        killed = subprocess.run(command, env=installation.env, cwd=settings.BASE_DIR, capture_output=True, timeout=300)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert len(held_out(job)) == {1: 6, 7: 10, 11: 16}[at]

    assert take_step(installation, "prove", job.id) == {"outcome": "better", "seeds": 8, "looks": 1}
    seeds = [seed_of(str(uuid.UUID(job.id)), "proof/1", index) for index in range(8)]
    assert held_out(job) == [
        (index, seeds[index]) for stage in (range(3), range(3, 5), range(5, 8)) for _ in "ab" for index in stage
    ]
