"""Configurations that somebody gives a job: at its creation, over the API, and on its page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import EventKind, JobStatus, TrialKind
from tuning.execution.ledger_source import LedgerSource, sampler_of
from tuning.models import TuningJob
from tuning.services.clone import clone_job
from tuning.services.enqueue import Enqueued, enqueue_configuration
from tuning.services.jobs import create_job, update_job
from tunix.api.exceptions import Conflict, InvalidInput

from ...tests.factories import PARAMS, job_request, make_job, make_trial
from ...tests.ledger_steps import ask, complete, running_job, take

pytestmark = pytest.mark.django_db

OTHER = {"learning_rate": 0.001, "batch_size": 64}
CONTROLS = {"controls": True, "automatic": False, "top": 2, "seeds": 2}


def enqueue(job: TuningJob, params: Any = PARAMS) -> Enqueued:
    return enqueue_configuration(job=job, data={"params_json": params}, actor=None)


def post(api: APIClient, job: TuningJob, body: Any) -> Any:
    return api.post(f"/api/tuning/jobs/{job.pk}/trials", body)


def test_what_is_given_is_tried_first_and_in_order() -> None:
    job = running_job(given_params_json=[PARAMS, OTHER], max_concurrent_trials=2)

    assert [take(job).params for _ in range(2)] == [PARAMS, OTHER]


def test_then_the_sampler_proposes() -> None:
    job = running_job(given_params_json=[PARAMS], max_concurrent_trials=2)
    take(job)

    assert take(job).params == ask(1).params
    assert [trial.origin for trial in job.trials.order_by("number")] == ["given", "proposed"]


def test_controls_come_before() -> None:
    job = running_job(given_params_json=[PARAMS], confirmation_json=CONTROLS)

    assert take(job).kind == TrialKind.DEFAULT


def test_of_a_running_job_it_gets_the_next_slot() -> None:
    job = running_job(max_concurrent_trials=3)
    take(job)
    enqueued = enqueue(job)

    assert (enqueued.ahead, enqueued.num_samples, enqueued.raised) == (0, 8, False)
    assert (take(job).params, take(job).params) == (PARAMS, ask(2).params)


def test_where_all_slots_are_taken_there_is_one_more() -> None:
    job = running_job(num_samples=1, max_concurrent_trials=2)
    take(job)
    enqueued = enqueue(job)

    assert (enqueued.num_samples, enqueued.raised) == (2, True)
    assert take(job).params == PARAMS


def test_each_is_tried_as_often_as_a_proposal() -> None:
    job = running_job(num_samples=2, max_concurrent_trials=4, algorithm_json={"name": "random", "replicates": 2})
    take(job)
    enqueued = enqueue(job)
    [take(job) for _ in range(3)]

    assert (enqueued.num_samples, enqueued.raised) == (4, True)
    assert [trial.origin for trial in job.trials.order_by("number")] == ["proposed", "proposed", "given", "given"]
    assert job.trials.last().params_json.items() >= PARAMS.items()


def test_several_wait_behind_each_other() -> None:
    job = make_job(num_samples=1)
    enqueue(job)
    second = enqueue(job, OTHER)

    assert (second.ahead, second.num_samples) == (1, 2)


def test_its_history_tells_the_parameters(user: Any) -> None:
    job = make_job(num_samples=1)
    enqueue(job)
    enqueue_configuration(job=job, data={"params_json": OTHER}, actor=user)
    event = job.events.filter(kind=EventKind.ENQUEUED).first()

    assert event is not None
    assert (event.actor, event.detail) == (user, "batch_size=64, learning_rate=0.001; num_samples is 2 now")


@pytest.mark.parametrize("status", sorted(set(JobStatus.values) - {JobStatus.COMPLETED}))
def test_it_waits_in_every_state_but_one(status: str) -> None:
    assert enqueue(make_job(status=status)).ahead == 0


def test_a_completed_job_is_extended_instead() -> None:
    with pytest.raises(Conflict, match="Extend it"):
        enqueue(make_job(status=JobStatus.COMPLETED))


def test_after_the_finalists_are_chosen_the_search_is_over() -> None:
    confirmation = {"controls": False, "automatic": True, "top": 1, "seeds": 2}
    job = running_job(num_samples=1, confirmation_json=confirmation, confirmation_round=1)
    complete(job, take(job))
    take(job)
    with pytest.raises(Conflict, match="finalists are chosen"):
        enqueue(job)


@pytest.mark.parametrize("is_noted", [True, False])
def test_after_a_budget_has_ended_the_search_nothing_can_be_given(is_noted: bool) -> None:
    job = running_job(budget_json=make_job().budget_json | {"target_value": 0.4})
    complete(job, take(job), 0.5)
    if is_noted:
        take(job)
    with pytest.raises(Conflict, match=r"reached the target: .* Change that budget first"):
        enqueue(TuningJob.objects.get(pk=job.pk))


def test_what_is_known_already_is_worth_a_word() -> None:
    job = running_job(given_params_json=[PARAMS])
    assert enqueue(job).warnings == {"params_json": ["The same parameters are given already."]}

    take(job)
    assert enqueue(job).warnings == {"params_json": ["Trial 0 has the same parameters."]}


def test_num_samples_leaves_room_for_those_that_wait() -> None:
    job = create_job(data=job_request(given_params_json=[PARAMS, OTHER]), owner=None)
    TuningJob.objects.update(status=JobStatus.RUNNING)
    make_trial(job)
    with pytest.raises(InvalidInput) as refused:
        update_job(job=TuningJob.objects.get(), data={"num_samples": 2}, actor=None)

    assert refused.value.errors == {"num_samples": ["The job has 1 trials already and 2 given configurations to try."]}


def test_a_running_sampler_is_told_of_it() -> None:
    job = running_job(given_params_json=[PARAMS], max_concurrent_trials=2, algorithm_json={"name": "grid"})
    space = {"batch_size": {"type": "choice", "values": [16, 32, 64]}}
    TuningJob.objects.update(search_space_json=space, given_params_json=[{"batch_size": 32}], num_samples=3)
    job.refresh_from_db()
    source = LedgerSource(job, 1, "noop")
    offers: Any = [source.next_config(), source.next_config()]

    assert [offer["batch_size"] for offer in offers] == [32, 16]
    assert sampler_of(job).ask(2) == source._propose(2).params == {"batch_size": 64}


def test_a_copy_tries_them_too() -> None:
    job = create_job(data=job_request(given_params_json=[PARAMS]), owner=None)

    assert clone_job(job=job, data={}, actor=None).given_params_json == [PARAMS]


def test_over_the_api_the_answer_says_where_it_stands(api: APIClient) -> None:
    answer = post(api, make_job(num_samples=1), {"params_json": PARAMS})

    assert answer.status_code == 201
    expected = {"params_json": PARAMS, "ahead": 0, "num_samples": 1, "num_samples_raised": False, "warnings": {}}
    assert answer.json() == expected


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "params_json"),
        ({"params_json": None}, "params_json"),
        ({"params_json": []}, "params_json"),
        ({"params_json": {"batch_size": 16}}, "params_json.learning_rate"),
        ({"params_json": PARAMS | {"batch_size": 0}}, "params_json.batch_size"),
        ({"params_json": PARAMS, "number": 3}, "number"),
    ],
)
def test_faults_are_named_by_their_path(api: APIClient, body: Any, path: str) -> None:
    answer = post(api, make_job(), body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [path])


def test_a_completed_job_is_a_conflict(api: APIClient) -> None:
    assert post(api, make_job(status=JobStatus.COMPLETED), {"params_json": PARAMS}).status_code == 409


def test_the_same_key_enqueues_once(api: APIClient) -> None:
    job = make_job()
    for _ in range(2):
        api.post(f"/api/tuning/jobs/{job.pk}/trials", {"params_json": PARAMS}, HTTP_IDEMPOTENCY_KEY="once")
    job.refresh_from_db()

    assert job.given_params_json == [PARAMS]


def test_the_page_opens_with_the_parameters_of_a_trial(web: Client) -> None:
    trial = make_trial(make_job(status=JobStatus.RUNNING), params_json=OTHER)
    link = f"{trial.job.get_absolute_url()}enqueue/?trial=0"
    assert link in web.get(f"{trial.job.get_absolute_url()}trials/0/").content.decode()

    assert '"batch_size": 64' in web.get(link).context["form"]["params_json"].value()


@pytest.mark.parametrize("asked", ["", "7", "x", "9" * 30])
def test_else_with_the_default_ones(web: Client, asked: str) -> None:
    page = web.get(f"{make_job().get_absolute_url()}enqueue/", {"trial": asked})

    assert '"batch_size": 32' in page.context["form"]["params_json"].value()


def test_on_the_page_it_is_enqueued(web: Client) -> None:
    job = make_job()
    page = web.post(f"{job.get_absolute_url()}enqueue/", {"params_json": '{"learning_rate": 0.5, "batch_size": 16}'})
    job.refresh_from_db()

    assert page["Location"] == job.get_absolute_url()
    assert job.given_params_json == [{"learning_rate": 0.5, "batch_size": 16}]


def test_on_the_page_faults_are_shown(web: Client) -> None:
    page = web.post(f"{make_job().get_absolute_url()}enqueue/", {"params_json": '{"batch_size": 16}'})

    assert "params_json.learning_rate: Required" in page.content.decode()


def test_the_page_of_a_completed_job_refuses(web: Client) -> None:
    job = make_job(status=JobStatus.COMPLETED)

    assert web.get(f"{job.get_absolute_url()}enqueue/")["Location"] == job.get_absolute_url()
