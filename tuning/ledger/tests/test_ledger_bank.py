"""Controls that an earlier job has trained: which runs are offered to the worker, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.analysis.standings import standings_of
from tuning.choices import TrialKind
from tuning.domain.selection.controls import SEED
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob
from tuning.preflight.estimates import estimate
from tunix.runs.models import TunixRun

from ...tests.factories import make_dataset
from ...tests.ledger_steps import complete, fail, running_job, take

pytestmark = pytest.mark.django_db

CONTROLS = {"controls": True, "automatic": True, "top": 1, "seeds": 2, "max_seeds": 2}


@pytest.fixture
def bank(settings: Any) -> None:
    settings.REUSE_DEFAULT_RUNS = True


def job_of(**overrides: Any) -> TuningJob:
    columns = {"confirmation_json": CONTROLS, "num_samples": 1, "project": "one", "dataset": make_dataset()}
    return running_job(**columns | overrides)


def offered(assignment: Assignment) -> str | None:
    reuse = assignment.spec.get("reuse")
    return reuse["run_id"] if reuse else None


def trained_controls() -> list[str]:
    """The runs of the controls of a job that has trained them."""
    job, runs = job_of(), []
    for _ in range(2):
        complete(job, assignment := take(job))
        runs.append(assignment.run_id)
    return runs


@pytest.mark.usefixtures("bank")
def test_the_controls_of_the_next_job_are_those_of_the_first() -> None:
    runs = trained_controls()
    job, found = job_of(), []
    for _ in range(2):
        found.append(offered(assignment := take(job)))
        complete(job, assignment)

    assert found == runs
    assert offered(take(job)) is None  # the search


def test_without_the_setting_every_job_trains_its_own_with_seeds_of_its_own() -> None:
    trained_controls()
    first, second = job_of(), job_of()

    assert offered(first_control := take(first)) is None
    assert first_control.params[SEED] != take(second).params[SEED]


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    "changed",
    [
        {"project": "two"},
        {"fixed_params_json": {"num_epochs": 4}},
        {"base_model_id": "tiny-gemma2"},
        {"resources_json": {"threads": 2}},
        {"prompt_json": {"template": "Q: {prompt}"}},
        {"evaluation_json": {"judge": "answer_correctness", "max_items": 8}},
    ],
)
def test_a_job_that_differs_trains_its_own(changed: dict[str, Any]) -> None:
    trained_controls()

    assert offered(take(job_of(**changed))) is None


@pytest.mark.usefixtures("bank")
def test_another_version_of_the_dataset_trains_its_own() -> None:
    trained_controls()
    dataset = make_dataset()
    dataset.version = "1" * 64
    dataset.save()

    assert offered(take(job_of(dataset=dataset))) is None


@pytest.mark.usefixtures("bank")
def test_a_run_that_failed_is_not_offered() -> None:
    earlier = job_of()
    fail(earlier, take(earlier))

    assert offered(take(job_of())) is None


@pytest.mark.usefixtures("bank")
def test_a_run_that_was_deleted_is_not_offered() -> None:
    earlier = job_of()
    complete(earlier, take(earlier))
    earlier.delete()

    assert offered(take(job_of())) is None


@pytest.mark.usefixtures("bank")
def test_a_third_job_names_the_run_that_was_trained() -> None:
    runs = trained_controls()
    second, third = job_of(), job_of()
    complete(second, take(second))
    TunixRun.objects.filter(trial__job=second).update(environment_json={"reused_run": runs[0]})

    assert offered(take(third)) == runs[0]


@pytest.mark.usefixtures("bank")
def test_a_run_that_was_trained_since_a_worker_refused_the_earlier_one_is_offered() -> None:
    runs = trained_controls()
    second, third = job_of(), job_of()
    complete(second, assignment := take(second))

    assert offered(assignment) == runs[0]
    assert offered(take(third)) == str(second.trials.get(number=0).run_id)


@pytest.mark.usefixtures("bank")
def test_finalists_have_the_seeds_of_the_controls_and_the_proof_has_its_own() -> None:
    jobs = [job_of(confirmation_round=1), job_of(confirmation_round=1)]
    seeds: list[dict[str, list[int]]] = []
    for job in jobs:
        found: dict[str, list[int]] = {}
        while isinstance(assignment := take(job), Assignment):
            found.setdefault(assignment.kind, []).append(assignment.params.get(SEED, -1))
            # The untuned model is far behind, and the winner ahead of the default.
            complete(job, assignment, 0.9 if assignment.kind in {"search", "confirmation"} else 0.5)
        seeds.append(found)

    for found in seeds:
        assert found[TrialKind.CONFIRMATION] == found[TrialKind.DEFAULT] == seeds[0][TrialKind.DEFAULT]
    first, second = (set(found[TrialKind.HELD_OUT]) for found in seeds)
    assert not first & second


@pytest.mark.usefixtures("bank")
def test_the_page_and_the_api_name_the_run_and_its_time_is_not_counted(web: Client, api: APIClient) -> None:
    (run, _), job = trained_controls(), job_of()
    for _ in range(2):
        complete(job, take(job))
    complete(job, take(job))
    trial = job.trials.get(number=0)
    trial.run.environment_json = {"reused_run": run}
    trial.run.save()
    job.refresh_from_db()

    assert (
        f"1 of 2 runs of the default were trained for an earlier job: trial 0 is run {run}."
        in standings_of(job).statements
    )
    assert run in web.get(f"{job.get_absolute_url()}trials/0/").content.decode()
    assert api.get(f"/api/tuning/jobs/{job.pk}/trials/0").json()["reused_run_id"] == run
    assert api.get(f"/api/tuning/jobs/{job.pk}/trials/1").json()["reused_run_id"] == ""
    before = estimate(job).seconds_a_run
    trial.run.finished_at = trial.run.started_at
    trial.run.save()
    assert estimate(job).seconds_a_run == before
