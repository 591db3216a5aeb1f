"""The default configuration and the untuned model are trials of their own kind, and run first."""

from typing import Any

import pytest

from tuning.choices import TrialKind
from tuning.domain.selection.controls import without_seed
from tuning.ledger.assignment import Finished
from tuning.models import TuningJob

from ...tests.ledger_steps import ask, complete, fail, running_job, take

pytestmark = pytest.mark.django_db

CONTROLS = {"controls": True, "automatic": False, "top": 2, "seeds": 2}


def controlled_job(**overrides: Any) -> TuningJob:
    return running_job(**{"num_samples": 1, "confirmation_json": CONTROLS} | overrides)


def finished_trials(job: TuningJob, best: str = "") -> Any:
    """All trials completed, those of kind `best` and what is made of them with a better score than the controls."""
    while not isinstance(assignment := take(job), Finished):
        is_control = assignment.kind in {TrialKind.DEFAULT, TrialKind.UNTUNED}
        complete(job, assignment, 0.4 if best and is_control else 0.5)
    return job.trials.order_by("number")


def test_they_come_before_the_search() -> None:
    kinds = [trial.kind for trial in finished_trials(controlled_job())]

    assert kinds == [TrialKind.DEFAULT, TrialKind.DEFAULT, TrialKind.UNTUNED, TrialKind.SEARCH]


def test_a_job_without_controls_has_none() -> None:
    job = controlled_job(confirmation_json=CONTROLS | {"controls": False})

    assert [trial.kind for trial in finished_trials(job)] == [TrialKind.SEARCH]


def test_the_default_has_the_defaults_of_what_is_searched_and_what_is_fixed() -> None:
    assignment = take(controlled_job())

    assert without_seed(assignment.params) == {"learning_rate": 0.003, "batch_size": 32}
    assert assignment.spec["hyperparameters"]["num_epochs"] == 3


def test_the_defaults_have_the_seeds_that_will_rank_the_finalists() -> None:
    confirmation = CONTROLS | {"seeds": 4, "automatic": True, "top": 1}
    job = controlled_job(confirmation_json=confirmation, confirmation_round=1)

    trials = finished_trials(job, best=TrialKind.SEARCH)
    controls, ranking, proof = (
        [trial.params_json["seed"] for trial in trials.filter(kind=kind, source__isnull=kind == TrialKind.DEFAULT)]
        for kind in (TrialKind.DEFAULT, TrialKind.CONFIRMATION, TrialKind.HELD_OUT)
    )

    assert controls == ranking
    assert len(set(controls)) == 4
    assert not set(controls) & set(proof)


def test_a_clone_replicates_with_other_seeds() -> None:
    seeds = [take(controlled_job()).spec["hyperparameters"]["seed"] for _ in range(2)]

    assert seeds[0] != seeds[1]


def test_the_untuned_model_is_not_trained() -> None:
    untuned = finished_trials(controlled_job()).get(kind=TrialKind.UNTUNED)

    assert untuned.run.method == untuned.run.spec.method == "untuned"


def test_a_metric_of_training_has_no_untuned_model() -> None:
    job = controlled_job(metric_name="eval_loss", metric_mode="min")

    kinds = set()
    while not isinstance(assignment := take(job), Finished):
        kinds.add(assignment.kind)
        fail(job, assignment)

    assert TrialKind.UNTUNED not in kinds


def test_the_search_proposes_as_it_would_without_them() -> None:
    trial = finished_trials(controlled_job()).get(kind=TrialKind.SEARCH)

    assert (trial.number, trial.slot, trial.params_json) == (3, 0, ask(0).params)


def test_the_best_is_a_trial_of_the_search() -> None:
    job = controlled_job()
    for score in (0.9, 0.9, 0.9, 0.2):
        complete(job, take(job), score)

    job.refresh_from_db()

    assert (job.best_trial.kind, job.best_value) == (TrialKind.SEARCH, 0.2)


def test_a_failed_control_does_not_count_as_a_failed_search_trial() -> None:
    job = controlled_job(budget_json={"max_seconds": None, "max_failed_trials": 0})
    for _ in range(3):
        fail(job, take(job))

    assert take(job).kind == TrialKind.SEARCH
