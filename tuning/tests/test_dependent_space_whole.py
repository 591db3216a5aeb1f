"""A job whose parameters depend on each other, from its creation to its end."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import JobStatus, TrialKind
from tuning.domain.selection.seeds import RANKING, role_of, seed_of
from tuning.execution.ledger_source import LedgerSource
from tuning.execution.source import NoMoreTrials
from tuning.execution.without_ray import run_trials
from tuning.models import TuningJob
from tuning.services.jobs import create_job

from ..ledger.finish import finish_job
from .factories import job_request

pytestmark = pytest.mark.django_db
REQUEST = {
    "num_samples": 40,
    "search_space_json": {
        "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
        "weight_decay": {"type": "choice", "values": [0.25, 0.125], "when": {"optimizer": ["adamw"]}},
        "batch_size": {"type": "logint", "min": 1, "max": 4},
        "max_seq_length": {"type": "derived", "product": "32 * batch_size"},
    },
    "constraints_json": ["batch_size >= 2"],
    "algorithm_json": {"name": "tpe", "n_startup_trials": 4, "replicates": 2},
    "budget_json": {"max_failed_trials": 40},
    "confirmation_json": {"controls": True, "seeds": 2},
}


def carried_out(**overrides: Any) -> TuningJob:
    """The job at its end, every trial executed here without training."""
    job = create_job(data=job_request(**REQUEST | overrides), owner=None)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, epoch=1)
    job.refresh_from_db()
    source = LedgerSource(job, 1, "noop")
    run_trials(source)
    with pytest.raises(NoMoreTrials):
        source.next_config()
    return finish_job(job.pk, 1, JobStatus.COMPLETED, detail=source.end.detail)


def test_every_configuration_is_trained_with_two_seeds() -> None:
    job = carried_out()

    searched = job.trials.filter(kind=TrialKind.SEARCH)
    assert (job.status, searched.count()) == (JobStatus.COMPLETED, 18)
    assert job.ended_early_json["detail"] == "all 9 configurations were tried"


def test_a_run_has_what_its_trial_lacks_at_its_default() -> None:
    job = carried_out(num_samples=18)

    trial = job.trials.filter(params_json__optimizer="sgd").first()
    given = trial.run.config_json["hyperparameters"]
    assert ("weight_decay" in trial.params_json, given["weight_decay"]) == (False, 0.01)
    assert given["max_seq_length"] == 32 * given["batch_size"]


def test_the_default_configuration_is_not_bound_by_the_space() -> None:
    default = carried_out(num_samples=2).trials.filter(kind=TrialKind.DEFAULT).first()

    seed = seed_of(str(default.job_id), role_of(RANKING, 1), 0)
    free = {"optimizer": "adamw", "weight_decay": 0.01, "batch_size": 32, "max_seq_length": 256}
    assert default.params_json == free | {"seed": seed}
