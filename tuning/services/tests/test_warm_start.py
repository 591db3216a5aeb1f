"""Jobs that start from the finished trials of others: who may, what is refused, what is fixed, and what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import EventKind, JobStatus, TrialKind, TrialStatus
from tuning.execution.ledger_source import sampler_of
from tuning.models import TuningJob
from tuning.preflight import check_job
from tuning.services.exclude import exclude_trial
from tuning.services.warm_start import history_of
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.evaluation.models import Evaluation
from tunix.evaluation.tests.factories import make_evaluation
from tunix.pipeline.judges import JUDGES

from ...tests.factories import job_request, make_trial
from ..jobs import create_job, delete_job, update_job
from ..run import cancel_job, resume_job, start_job

pytestmark = pytest.mark.django_db

URL = "/api/tuning/jobs"
TPE = {"name": "tpe", "n_startup_trials": 2}


def source_job(*values: float, **overrides: Any) -> TuningJob:
    """A completed job with a trial for each value, at a learning rate of its own."""
    job = create_job(data=job_request(**{"name": "before"} | overrides), owner=None)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    for number, value in enumerate(values):
        params = {"learning_rate": 0.001 * (number + 1), "batch_size": 16}
        make_trial(job, params_json=params, metric_value=value)
    return TuningJob.objects.get(pk=job.pk)


def asked(*sources: TuningJob, **overrides: Any) -> dict[str, Any]:
    named = {"jobs": [str(source.pk) for source in sources]}
    return job_request(name="warm", algorithm_json=TPE, warm_start_json=named, **overrides)


def started(*sources: TuningJob, **overrides: Any) -> TuningJob:
    job = create_job(data=asked(*sources, **overrides), owner=None)
    return start_job(job=job, actor=None)


def faults(*sources: TuningJob, **overrides: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as refused:
        create_job(data=asked(*sources, **overrides), owner=None)
    return refused.value.errors


def test_finished_trials_are_fixed_at_the_start() -> None:
    job = started(source_job(0.1, 0.2), source_job(0.3))

    assert [(one.number, one.value) for one in history_of(job)] == [(-3, 0.1), (-2, 0.2), (-1, 0.3)]
    event = job.events.get(kind=EventKind.WARM_START)
    assert event.detail == "3 of 3 trials of 2 jobs are known to the sampler"


def test_they_are_no_trials_of_the_job() -> None:
    job = started(source_job(0.1))

    assert (job.trials.count(), job.best_trial, job.num_samples) == (0, None, 10)


def test_trials_outside_the_space_are_left_out() -> None:
    space = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1.5e-3}}
    job = started(source_job(0.1, 0.2), search_space_json=space)

    assert [dict(one.params) for one in history_of(job)] == [{"learning_rate": 0.001}]
    assert "1 of 2 trials" in str(job.warm_start)


def test_a_parameter_that_was_not_searched_is_known_by_its_default() -> None:
    space = {
        "batch_size": {"type": "choice", "values": [16]},
        "warmup_ratio": {"type": "uniform", "min": 0, "max": 0.1},
    }
    job = started(source_job(0.1), search_space_json=space)

    assert [dict(one.params) for one in history_of(job)] == [{"batch_size": 16, "warmup_ratio": 0.05}]


def test_excluded_canceled_and_other_trials_say_nothing() -> None:
    source = source_job(0.1, 0.2)
    exclude_trial(trial=source.trials.get(number=0), data={"reason": "wrong"}, actor=None)
    make_trial(source, status=TrialStatus.CANCELED)
    make_trial(source, status=TrialStatus.FAILED, reason="lost")
    make_trial(source, kind=TrialKind.DEFAULT)

    assert [one.value for one in history_of(started(source))] == [0.2]


def test_what_diverged_keeps_the_search_away() -> None:
    source = source_job()
    make_trial(source, status=TrialStatus.FAILED, reason="diverged")

    assert [one.outcome for one in history_of(started(source))] == ["infeasible"]


def test_nothing_changes_it_any_more() -> None:
    source = source_job(0.1, 0.2, 0.3, 0.9)
    job = started(source)
    before = [sampler_of(job).ask(slot) for slot in range(3)]
    exclude_trial(trial=source.trials.get(number=3), data={"reason": "wrong"}, actor=None)
    delete_job(job=source, actor=None)
    cancel_job(job=job, actor=None)
    resume_job(job=job, actor=None)

    assert [sampler_of(job).ask(slot) for slot in range(3)] == before
    assert before != [sampler_of(_cold(job)).ask(slot) for slot in range(3)]


def _cold(job: TuningJob) -> TuningJob:
    job.warm_start_json = None
    return job


def test_a_job_that_was_started_changes_without_its_sources() -> None:
    source = source_job(0.1)
    job = started(source)
    delete_job(job=source, actor=None)

    assert update_job(job=job, data={"num_samples": 12}, actor=None).num_samples == 12


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"metric_name": "eval_loss"}, "metric score_mean (max) instead of metric eval_loss (min)"),
        ({"evaluation_json": {"max_items": 7}}, "max_items 256 instead of 7"),
        ({"evaluation_json": {"split": "train"}}, "split validation instead of train"),
        ({"evaluation_json": {"judge": "numeric_match"}}, "judge answer_correctness instead of numeric_match"),
    ],
)
def test_what_does_not_compare_is_refused_by_name(overrides: dict[str, Any], words: str) -> None:
    found = faults(source_job(0.1), source_job(0.1), **overrides)

    assert list(found) == ["warm_start_json.jobs[0]", "warm_start_json.jobs[1]"]
    assert words in found["warm_start_json.jobs[0]"][0]


def test_another_version_of_the_judge_is_refused() -> None:
    source = source_job(0.1)
    make_evaluation(source.trials.get().run, own_lease=False)
    Evaluation.objects.update(judge_version="0")

    assert (
        f"judge version 0 instead of {JUDGES['answer_correctness'].version}"
        in faults(source)["warm_start_json.jobs[0]"][0]
    )


def test_a_job_that_does_not_exist_is_refused() -> None:
    source = source_job()
    request = asked(source)
    delete_job(job=source, actor=None)
    with pytest.raises(InvalidInput) as refused:
        create_job(data=request, owner=None)

    assert refused.value.errors == {"warm_start_json.jobs[0]": ["There is no such job."]}


def test_a_source_that_is_gone_before_the_start_refuses_it() -> None:
    source = source_job(0.1)
    job = create_job(data=asked(source), owner=None)
    delete_job(job=source, actor=None)
    with pytest.raises(Conflict, match="no such job"):
        start_job(job=job, actor=None)

    job.refresh_from_db()
    assert job.status == JobStatus.CREATED
    assert any(one.about == "warm_start_json.jobs[0]" for one in check_job(job=job).findings)


def test_who_may_not_look_at_jobs_may_not_learn_from_them() -> None:
    stranger = get_user_model().objects.create_user("stranger")
    with pytest.raises(InvalidInput) as refused:
        create_job(data=asked(source_job(0.1)), owner=stranger)

    assert list(refused.value.errors) == ["warm_start_json"]


@pytest.mark.parametrize(
    ("values", "overrides", "path", "words"),
    [
        ((), {}, "warm_start_json.jobs[0]", "has no finished trial"),
        ((0.1,), {"fixed_params_json": {"num_epochs": 9}}, "warm_start_json.jobs[0]", "has a different num_epochs"),
        ((0.1,), {"algorithm_json": {"name": "random"}}, "warm_start_json", "random does not learn"),
    ],
)
def test_what_is_unusual_is_a_warning(values: Any, overrides: dict[str, Any], path: str, words: str) -> None:
    job = create_job(data=asked(source_job(*values)) | overrides, owner=None)

    assert words in " ".join(job.definition_warnings[path])  # type: ignore[attr-defined]


def test_over_the_api_the_job_says_what_its_sampler_knows(api: APIClient) -> None:
    source = source_job(0.1)
    created = api.post(URL, asked(source)).json()
    assert (created["warm_start_json"], created["warm_start"]) == ({"jobs": [str(source.pk)]}, None)

    known = api.post(f"{URL}/{created['id']}/start").json()["warm_start"]
    assert known["sentence"] == "1 of 1 trials of 1 job are known to the sampler"
    assert known["jobs"] == [{"id": str(source.pk), "name": "before", "known": 1, "finished": 1}]


def test_the_page_says_it_too(web: Client) -> None:
    job = started(source_job(0.1))

    assert "1 of 1 trials of 1 job" in web.get(job.get_absolute_url(), {"tab": "definition"}).content.decode()


def test_a_cold_job_asks_nothing_more(django_assert_num_queries: Any) -> None:
    job = source_job()
    with django_assert_num_queries(0):
        assert history_of(job) == []


@pytest.mark.parametrize("is_started", [True, False])
def test_a_job_that_was_canceled_before_it_ran_starts_warm_all_the_same(is_started: bool) -> None:
    source = source_job(0.1)
    job = create_job(data=asked(source), owner=None)
    if is_started:
        start_job(job=job, actor=None)
    cancel_job(job=job, actor=None)
    make_trial(source, params_json={"learning_rate": 0.002, "batch_size": 16})

    resume_job(job=job, actor=None)

    assert len(history_of(job)) == (1 if is_started else 2)
