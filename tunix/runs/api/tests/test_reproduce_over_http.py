"""Reproducing a run by its page and over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.reproducing import report_on, reproduce_run
from tunix.runs.tests.factories import make_run
from tunix.runs.tests.reproduced import change_row, leave_files, make_trained_run

pytestmark = pytest.mark.django_db


def ended_reproduction(source: TunixRun) -> TunixRun:
    """A reproduction that has completed, with its report."""
    run = reproduce_run(run=source, actor=None)
    run.reproduction_json = report_on(run, leave_files(run))
    run.status = RunStatus.COMPLETED
    run.save()
    return run


def page(web: Client, run: TunixRun) -> str:
    return web.get(run.get_absolute_url()).content.decode()


def test_the_api_answers_with_the_new_run(api: Any) -> None:
    source = make_trained_run()
    answer = api.post(f"/api/runs/{source.pk}/reproduce")

    assert (answer.status_code, answer.json()["reproduces"]) == (202, str(source.pk))
    assert answer["Location"].endswith(answer.json()["run_id"])
    assert answer.json()["reproduction"] is None


def test_the_api_shows_the_report(api: Any) -> None:
    run = ended_reproduction(make_trained_run())

    assert api.get(f"/api/runs/{run.pk}").json()["reproduction"]["outcome"] == "identical"


def test_the_api_refuses_a_run_that_has_not_completed(api: Any) -> None:
    assert api.post(f"/api/runs/{make_run(status=RunStatus.RUNNING).pk}/reproduce").status_code == 409


def test_the_same_key_makes_one_run(api: Any) -> None:
    source = make_trained_run()
    for _ in range(2):
        api.post(f"/api/runs/{source.pk}/reproduce", headers={"Idempotency-Key": "k"})

    assert source.reproductions.count() == 1


def test_the_button_leads_to_the_new_run(web: Client) -> None:
    source = make_trained_run()
    answer = web.post(reverse("runs:run-reproduce", args=[source.pk]))

    assert answer.url == source.reproductions.get().get_absolute_url()  # type: ignore[attr-defined]


def test_the_button_says_why_it_cannot_be_used(web: Client) -> None:
    assert "Only a completed run can be reproduced" in page(web, make_run(status=RunStatus.RUNNING))


def test_what_is_refused_is_a_message(web: Client) -> None:
    run = make_run()
    answer = web.post(reverse("runs:run-reproduce", args=[run.pk]), follow=True)

    assert "could not be compared" in answer.content.decode()


def test_the_report_names_the_changed_row(web: Client) -> None:
    source = make_trained_run()
    change_row(source.dataset, answer="<b>")
    shown = page(web, ended_reproduction(source))

    assert "The validation split changed in row 1" in shown
    assert "&lt;b&gt;" in shown


def test_both_pages_lead_to_each_other(web: Client) -> None:
    source = make_trained_run()
    run = ended_reproduction(source)

    assert run.get_absolute_url() in page(web, source)
    assert source.get_absolute_url() in page(web, run)
