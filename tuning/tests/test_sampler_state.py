"""A job is searched by each sampler through the real ledger: seeded, and rebuilt from its rows at any time."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.tests.sampler_cases import ALGORITHMS
from tuning.execution.ledger_source import observation_of, sampler_of
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob
from tunix.pipeline.spec import FailureReason

from ..ledger.assign import next_trial
from .ledger_steps import complete, fail, running_job

pytestmark = pytest.mark.django_db

SPACE: dict[str, Any] = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1},
    "warmup_ratio": {"type": "uniform", "min": 0.0, "max": 0.3},
    "batch_size": {"type": "choice", "values": [8, 16, 32]},
}
TRIALS = 10


def searched(name: str, *, dies: bool) -> TuningJob:
    """A job whose trials all ended, one after the other; if it `dies`, a new runner begins with each trial."""
    options = Algorithm.parse(ALGORITHMS[name]).to_json()
    job = running_job(search_space_json=SPACE, algorithm_json=options, num_samples=TRIALS, seed=5)
    sampler = sampler_of(job)
    for _ in range(TRIALS):
        sampler = sampler_of(job) if dies else sampler
        assignment = next_trial(job.pk, 1, sampler.propose)
        assert isinstance(assignment, Assignment)
        if assignment.number == 4:
            ended = fail(job, assignment, FailureReason.DIVERGED)
        else:
            ended = complete(job, assignment, score=1 - 5 * assignment.params["learning_rate"])
        assert ended is not None
        sampler.tell(observation_of([ended]))
    return job


def proposals(job: TuningJob) -> list[Any]:
    return list(job.trials.order_by("number").values_list("params_json", "sampler_state"))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_seeded_job_gives_the_same_parameters_again(name: str) -> None:
    assert proposals(searched(name, dies=False)) == proposals(searched(name, dies=False))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_new_runner_proposes_the_same(name: str) -> None:
    assert proposals(searched(name, dies=True)) == proposals(searched(name, dies=False))


def test_what_is_stored_is_plain_json_and_small() -> None:
    stored = dict(enumerate(state for _, state in proposals(searched("cmaes", dies=False))))

    assert stored[0] is None
    assert stored[1] == {"cmaes:generation": 0}
    assert {"cmaes:generation": 1, "cmaes:told": [1, 2, 3, 4]} in stored.values()
