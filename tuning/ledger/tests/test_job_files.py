"""The files of a job."""

import json

import pytest

from tuning.ledger.files import write_request

from ...tests.factories import make_job

pytestmark = pytest.mark.django_db


def test_num_epochs_is_not_fixed_if_num_steps_is_searched() -> None:
    job = make_job(fixed_params_json={}, search_space_json={"num_steps": {"type": "choice", "values": [10, 20]}})

    write_request(job)

    fixed = json.loads((job.work_dir() / "param_space.json").read_text())["fixed"]
    assert {"num_steps", "num_epochs"}.isdisjoint(fixed)
    assert fixed["batch_size"] == 32
