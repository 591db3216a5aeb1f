"""Promotion of a job's winner over HTTP, on its page and at the terminal."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tunix.access.tests.factories import make_member
from tunix.runs.models import BaseModel
from tunix.runs.tests.checkpoints import make_promotable_run

from ...services.tests.test_service_promote import confirmed_job, searched_job
from ...tests.factories import job_request, make_job, make_trial

pytestmark = pytest.mark.django_db


def page(client: Client, job: TuningJob) -> str:
    return client.get(job.get_absolute_url()).content.decode()


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command("promote_run", *arguments, stdout=out)
    return out.getvalue()


def test_the_api_promotes_the_confirmed_winner(api: Any) -> None:
    answer = api.post(f"/api/tuning/jobs/{confirmed_job().pk}/promote", {"name": "mine"})
    assert (answer.status_code, answer.data["base_model_id"]) == (201, "promoted/mine@1")
    assert answer["Location"].endswith("/api/models/promoted/mine@1")


def test_the_api_says_what_to_do_about_an_unconfirmed_one(api: Any) -> None:
    answer = api.post(f"/api/tuning/jobs/{searched_job().pk}/promote/", {"name": "mine"})
    assert (answer.status_code, '"unconfirmed": true' in answer.json()["detail"]) == (409, True)


def test_a_promotion_can_be_sent_again(api: Any) -> None:
    path, headers = f"/api/tuning/jobs/{confirmed_job().pk}/promote", {"Idempotency-Key": "once"}
    first = api.post(path, {"name": "mine"}, headers=headers)
    again = api.post(path, {"name": "mine"}, headers=headers)
    assert (again.status_code, again["Idempotent-Replay"]) == (201, "true")
    assert again.data["base_model_id"] == first.data["base_model_id"]


def test_a_job_can_be_asked_for_from_it(api: Any) -> None:
    api.post(f"/api/tuning/jobs/{confirmed_job().pk}/promote", {"name": "mine"})
    answer = api.post("/api/tuning/jobs", job_request(base_model_id="promoted/mine@1"))
    assert (answer.status_code, answer.data["base_model_id"]) == (201, "promoted/mine@1")


def test_the_button_leads_to_the_model(web: Client) -> None:
    answer = web.post(reverse("tuning:job-promote", args=[confirmed_job().pk]), {"name": "mine"})
    assert answer["Location"] == BaseModel.objects.get(name="mine").get_absolute_url()


def test_the_models_page_leads_back_to_job_and_trial(web: Client) -> None:
    job = confirmed_job()
    web.post(reverse("tuning:job-promote", args=[job.pk]), {"name": "mine"})
    text = web.get(BaseModel.objects.get(name="mine").get_absolute_url()).content.decode()
    assert f'href="{job.get_absolute_url()}"' in text
    assert f'href="{reverse("tuning:trial-detail", args=[job.pk, 2])}"' in text


def test_the_form_asks_for_the_word_only_where_it_is_needed(web: Client) -> None:
    assert 'name="unconfirmed"' in page(web, searched_job())
    assert 'name="unconfirmed"' not in page(web, confirmed_job())


def test_what_was_promoted_is_linked(web: Client) -> None:
    job = searched_job()
    web.post(reverse("tuning:job-promote", args=[job.pk]), {"name": "mine", "unconfirmed": "true"})
    assert f'href="{reverse("runs:model-detail", args=["promoted/mine@1"])}"' in page(web, job)


def trial_page(client: Client, job: TuningJob, number: int) -> str:
    return client.get(reverse("tuning:trial-detail", args=[job.pk, number])).content.decode()


def test_a_trial_is_promoted_from_its_page(web: Client) -> None:
    job = searched_job()
    assert 'name="trial" value="0"' in trial_page(web, job, 0)
    data = {"name": "mine", "unconfirmed": "true", "trial": "0"}
    web.post(reverse("tuning:job-promote", args=[job.pk]), data)
    model = BaseModel.objects.get(name="mine")
    assert model.lineage_json["trial"]["number"] == 0
    assert f'href="{model.get_absolute_url()}"' in trial_page(web, job, 0)


def test_the_page_of_a_trials_run_leads_to_where_it_is_promoted(web: Client, client: Client) -> None:
    trial = searched_job().trials.get(number=0)
    assert trial.run is not None
    assert "Promote from its trial" in web.get(trial.run.get_absolute_url()).content.decode()
    client.force_login(make_member("viewer"))
    assert "Promote from its trial" not in client.get(trial.run.get_absolute_url()).content.decode()


def test_the_trials_page_says_what_is_lacking(web: Client) -> None:
    text = trial_page(web, confirmed_job(), 1)
    assert "This is not the run that the job confirmed. Promote it anyway." in text


def test_the_confirmed_trial_needs_no_word(web: Client) -> None:
    text = trial_page(web, confirmed_job(), 2)
    assert 'name="trial" value="2"' in text and 'name="unconfirmed"' not in text


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"status": "failed"}, "Only a completed trial can be promoted; this one is failed."),
        ({"kind": "untuned"}, "there is nothing new in it to promote"),
    ],
)
def test_the_trials_page_says_why_it_cannot_be_promoted(web: Client, overrides: Any, words: str) -> None:
    job = make_job()
    trial = make_trial(job, **overrides)
    assert words in trial_page(web, job, trial.number)


@pytest.mark.parametrize(("trial", "back"), [("1", "trial"), ("7", "job"), ("x", "job"), ("9" * 5000, "job")])
def test_what_is_refused_leads_back_to_where_it_was_asked(web: Client, trial: str, back: str) -> None:
    job = searched_job()
    answer = web.post(reverse("tuning:job-promote", args=[job.pk]), {"name": "Mine", "trial": trial})
    expected = {"trial": reverse("tuning:trial-detail", args=[job.pk, 1]), "job": job.get_absolute_url()}
    assert answer["Location"] == expected[back]


def test_the_form_names_the_run_that_it_promotes(web: Client) -> None:
    job = confirmed_job()
    assert f"the confirmed run, {job.confirmed_run}," in page(web, job)
    assert "the best run of the search," in page(web, searched_job(name="other"))


def test_a_job_at_work_says_why_nothing_can_be_promoted(web: Client) -> None:
    assert "its winner is not known before it ends" in page(web, make_job(status=JobStatus.RUNNING))


def test_a_viewer_cannot_promote(client: Client) -> None:
    client.force_login(make_member("viewer"))
    assert "You have no permission to promote models." in page(client, searched_job())


@pytest.mark.parametrize("status", [JobStatus.CREATED, JobStatus.COMPLETED])
def test_a_model_that_a_job_starts_from_is_not_deleted(api: Any, status: str) -> None:
    api.post(f"/api/tuning/jobs/{confirmed_job().pk}/promote", {"name": "mine"})
    job = make_job(name="next", base_model_id="promoted/mine@1", status=status)
    answer = api.delete("/api/models/promoted/mine@1")
    assert (answer.status_code, "The job 'next' starts from it" in answer.json()["detail"]) == (409, True)
    job.delete()
    assert api.delete("/api/models/promoted/mine@1").status_code == 204


def test_a_new_job_is_filled_in(web: Client) -> None:
    web.post(reverse("tuning:job-promote", args=[confirmed_job().pk]), {"name": "mine"})
    text = web.get(reverse("tuning:job-new"), {"base_model_id": "promoted/mine@1"}).content.decode()
    assert '<option value="promoted/mine@1" selected>' in text


def test_the_command_promotes_a_trials_run() -> None:
    job = confirmed_job()
    answer = json.loads(told(str(job.confirmed_run_id), "mine", "--json"))
    assert answer["base_model_id"] == "promoted/mine@1"
    assert BaseModel.objects.get(name="mine").lineage_json["trial"]["number"] == 2


def test_the_command_promotes_a_single_run() -> None:
    assert told(make_promotable_run().run_id, "mine", "--unconfirmed").startswith("promoted/mine@1\n")


@pytest.mark.parametrize(
    ("name", "words"), [("mine", 'Say "unconfirmed": true'), ("Mine", "name: Must be"), ("", "name: Must be")]
)
def test_the_command_says_what_is_wrong(name: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        told(make_promotable_run().run_id, name)


def test_the_command_does_not_know_every_run() -> None:
    with pytest.raises(CommandError, match="There is no run"):
        told("00000000-0000-0000-0000-000000000007", "mine")
