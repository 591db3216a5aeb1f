"""Guards on pages: the form, the job, its trials."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.job import figure_of
from tuning.terminal import ProgressTable

from ...api.tests.test_api_guards import GUARD, guarded_job, scored
from ...tests.factories import imported_dataset
from .test_page_job_form import NEW, errors, fields

pytestmark = pytest.mark.django_db


def test_the_form_creates_a_job_with_guards(web: Client) -> None:
    imported_dataset()
    web.post(NEW, fields(guards_json='[{"dataset": "few-rows", "max_drop": 0.1}]'))

    assert TuningJob.objects.get().guards_json == [GUARD]


def test_a_fault_of_a_guard_is_shown_at_its_field(web: Client) -> None:
    response = web.post(NEW, fields(guards_json='[{"dataset": "few-rows", "max_drop": 7}]'))

    assert "guards_json[0].max_drop: Must be from 0 to 1." in errors(response, "guards_json")


def test_the_page_of_a_job_shows_its_guards(web: Client) -> None:
    page = web.get(guarded_job().get_absolute_url()).content.decode()

    assert "Lowest allowed" in page
    assert "Only the means are compared" in page


def test_a_barred_trial_is_marked_with_its_reason(web: Client) -> None:
    page = web.get(guarded_job().get_absolute_url(), {"tab": "trials"}).content.decode()

    assert page.count('title="Loses 30 points on few-rows') == 1


def test_the_page_of_a_trial_says_why_it_cannot_win(web: Client) -> None:
    job = guarded_job()
    disqualified = web.get(f"{job.get_absolute_url()}trials/1/").content.decode()
    other = web.get(f"{job.get_absolute_url()}trials/2/").content.decode()

    assert "This trial cannot win." in disqualified
    assert "This trial cannot win." not in other


def test_a_job_in_which_nobody_can_win_says_so_once_it_has_ended(web: Client) -> None:
    job = guarded_job()
    job.trials.filter(number=2).update(guards_json=scored(0.1))
    assert "No trial can win" in web.get(job.get_absolute_url()).content.decode()

    TuningJob.objects.update(status=JobStatus.RUNNING)
    assert "No trial can win" not in web.get(job.get_absolute_url()).content.decode()


def test_the_chart_leaves_barred_trials_out_of_the_best_so_far() -> None:
    figure: Any = figure_of(guarded_job())

    best, trials, disqualified = figure["data"][:3]
    assert (best["y"], trials["x"], disqualified["x"]) == ([0.6], [2], [1])


def test_a_job_without_guards_has_no_such_section(web: Client) -> None:
    page = web.get(guarded_job(name="plain").get_absolute_url()).content.decode()
    TuningJob.objects.update(guards_json=[])
    without = web.get(TuningJob.objects.get().get_absolute_url()).content.decode()

    assert 'aria-label="Guards"' in page
    assert 'aria-label="Guards"' not in without


def test_the_terminal_marks_barred_trials_and_says_why_nobody_wins(capsys: Any) -> None:
    job = guarded_job()
    job.trials.filter(number=2).update(guards_json=scored(0.1))
    with ProgressTable(job):
        pass

    said = capsys.readouterr().out
    assert said.count("barred by a guard") == 2
    assert "No trial can win: all 2 that completed break a guard." in said
