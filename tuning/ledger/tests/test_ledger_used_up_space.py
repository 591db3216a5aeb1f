"""A space with nothing new left ends the search normally; replicates train one proposal several times."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import EventKind, JobStatus
from tuning.domain.space.params_hash import params_hash
from tuning.execution.ledger_source import observation_of, sampler_of
from tuning.ledger.assignment import Assignment, Finished
from tuning.models import TuningJob

from ...tests.ledger_steps import complete, fail, running_job, take
from ..assign import next_trial
from ..finish import finish_job

pytestmark = pytest.mark.django_db
EPOCHS = {"num_epochs": {"type": "int", "min": 1, "max": 2}, "batch_size": {"type": "choice", "values": [16, 32]}}


def small_job(**overrides: Any) -> TuningJob:
    space = {"search_space_json": EPOCHS, "fixed_params_json": {}}
    return running_job(**space | {"algorithm_json": {"name": "grid"}, "max_concurrent_trials": 9} | overrides)


def take_all(job: TuningJob, *, fails: bool = False) -> tuple[list[Any], Any]:
    """All assignments, each recorded at once, and the last answer. The sampler is rebuilt for each of them."""
    assignments = []
    while True:
        answer = next_trial(job.pk, 1, sampler_of(job).propose)
        if not isinstance(answer, Assignment):
            return assignments, answer
        assignments.append(answer)
        (fail if fails else complete)(job, answer)


@pytest.mark.parametrize("name", ["grid", "random", "tpe"])
def test_the_search_ends_with_the_last_configuration(name: str) -> None:
    job = small_job(num_samples=50, algorithm_json={"name": name})

    assignments, answer = take_all(job)

    assert len({params_hash(assignment.params) for assignment in assignments}) == len(assignments) == 4
    assert answer == Finished(detail="all 4 configurations were tried")


def test_what_breaks_a_constraint_is_never_made() -> None:
    job = small_job(num_samples=50, constraints_json=["batch_size * num_epochs <= 32"])

    assert len(take_all(job)[0]) == 3


def test_it_has_one_event() -> None:
    job = small_job(num_samples=50)
    take_all(job)
    take_all(job)

    events = job.events.filter(kind=EventKind.BUDGET)
    assert [event.detail for event in events] == ["the search ends: all 4 configurations were tried"]


def test_the_job_completes() -> None:
    job = small_job(num_samples=50)
    _, end = take_all(job)

    ended = finish_job(job.pk, 1, JobStatus.COMPLETED, detail=end.detail)

    detail = "all 4 configurations were tried"
    assert (ended.status, ended.events.first().detail) == (JobStatus.COMPLETED, detail)
    assert ended.ended_early_json == {"budget": "search_space", "scope": "search", "detail": detail, "trial": None}


def test_failed_configurations_are_not_tried_again() -> None:
    job = small_job(num_samples=50, budget_json={"max_failed_trials": 50})

    assert len(take_all(job, fails=True)[0]) == 4


def test_a_confirmation_comes_afterwards() -> None:
    asked = {"controls": False, "automatic": True, "top": 1, "seeds": 2}
    job = small_job(num_samples=50, confirmation_json=asked, confirmation_round=1)

    assignments, _ = take_all(job)

    assert [assignment.kind for assignment in assignments[4:6]] == ["confirmation", "confirmation"]


def test_replicates_share_parameters_and_not_seeds() -> None:
    job = small_job(num_samples=6, algorithm_json={"name": "random", "replicates": 3})

    take_all(job)

    trials = list(job.trials.order_by("number"))
    assert [(trial.slot, trial.replicate) for trial in trials] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len({trial.params_json["seed"] for trial in trials}) == 6
    assert len({params_hash(trial.proposed_params) for trial in trials}) == 2


def test_replicates_of_a_seed_that_is_decided_share_it() -> None:
    algorithm = {"name": "random", "replicates": 2}
    job = small_job(num_samples=2, algorithm_json=algorithm, fixed_params_json={"seed": 5})

    take_all(job)

    assert all("seed" not in trial.params_json for trial in job.trials.all())


def test_one_trial_per_proposal_trains_with_the_default_seed() -> None:
    job = small_job(num_samples=1)

    assert "seed" not in take_all(job)[0][0].params


def test_num_samples_counts_trials() -> None:
    job = small_job(num_samples=4, algorithm_json={"name": "random", "replicates": 3})

    assert len(take_all(job)[0]) == 4


def test_the_sampler_gets_the_mean_of_replicates() -> None:
    job = small_job(num_samples=2, algorithm_json={"name": "random", "replicates": 2})
    for score in (0.2, 0.6):
        complete(job, take(job), score)

    heard = observation_of(list(job.trials.select_related("job")))

    assert (heard.number, heard.outcome, heard.value) == (0, "completed", pytest.approx(0.4))
    assert heard.params == {"learning_rate": 0.001, "batch_size": 16}


def test_replicates_are_one_finalist() -> None:
    asked = {"controls": False, "automatic": True, "top": 3, "seeds": 2}
    algorithm = {"name": "random", "replicates": 2}
    job = small_job(num_samples=4, algorithm_json=algorithm, confirmation_json=asked, confirmation_round=1)

    assignments, _ = take_all(job)

    assert [assignment.kind for assignment in assignments].count("confirmation") == 4


def test_an_enqueued_configuration_runs_after_the_space_is_used_up() -> None:
    job = small_job(num_samples=50)
    take_all(job)
    TuningJob.objects.filter(pk=job.pk).update(given_params_json=[{"num_epochs": 1, "batch_size": 16}])

    assignments, answer = take_all(TuningJob.objects.get(pk=job.pk))

    assert [assignment.params for assignment in assignments] == [{"num_epochs": 1, "batch_size": 16}]
    assert answer == Finished(detail="all 4 configurations were tried")
