"""What the page says of a job before anything is confirmed: who leads, who is tied, what to worry about."""

import json
from typing import Any

import pytest
from django.test import Client

from tuning.analysis.standings import expected_value_of, standings_of
from tuning.choices import JobStatus
from tuning.models import TuningJob

from ...ledger.finish import finish_job
from ...ledger.tests.test_ledger_verdict import record
from ...tests.factories import make_job
from ...tests.ledger_steps import running_job, take

pytestmark = pytest.mark.django_db

CONTROLS = {"controls": True, "automatic": False, "top": 2, "seeds": 2}


def job_with_shares(*shares: float, **overrides: Any) -> TuningJob:
    """A job whose trials, in their order, have these shares of the rows right."""
    job = running_job(num_samples=len(shares), **overrides)
    for share in shares:
        record(job, take(job), share)
    job.refresh_from_db()
    return job


def test_the_leader_and_those_that_are_tied_with_it() -> None:
    (told,) = standings_of(job_with_shares(0.8, 0.79, 0.3)).statements

    assert told == (
        "Trial 0 leads with 0.800. These runs do not tell trials 0 and 1 apart; another seed may change that, too "
        "(seed sd not known)."
    )


def test_a_leader_that_nobody_is_tied_with() -> None:
    (told,) = standings_of(job_with_shares(0.9, 0.3)).statements

    assert told == (
        "Trial 0 leads with 0.900. No other run is tied with trial 0; another seed may change that (seed sd not known)."
    )


def test_with_controls_a_tie_is_about_configurations_and_luck_is_taken_off() -> None:
    job = job_with_shares(0.55, 0.45, 0.0, 0.72, 0.7, 0.66, 0.6, confirmation_json=CONTROLS)

    told, expected = standings_of(job).statements[0], standings_of(job).expected

    assert told.startswith("Trial 3 leads with 0.720. These runs do not tell trials 3, 4, 5 and 6 apart. ")
    assert expected is not None
    assert 0.66 < expected < 0.72
    assert told.endswith(f"Expected of trial 3: {expected:.2f}, not 0.72.")


def test_best_json_and_the_api_have_what_to_expect() -> None:
    job = job_with_shares(0.55, 0.45, 0.0, 0.72, 0.7, 0.66, 0.6, confirmation_json=CONTROLS)
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    written = json.loads((job.work_dir() / f"best.{job.epoch}.json").read_text())

    assert written["expected_value"] == expected_value_of(job) == standings_of(job).expected is not None


def test_one_that_is_ahead_alone_names_the_seed_deviation() -> None:
    told, *_ = standings_of(job_with_shares(0.5, 0.5, 0.0, 0.95, 0.1, confirmation_json=CONTROLS)).statements

    assert told.endswith("No other run is tied with trial 3; another seed may change that (seed sd 0).")


def test_replicates_stand_together() -> None:
    replicated = {"algorithm_json": {"name": "random", "replicates": 2}}
    job = job_with_shares(0.9, 0.5, 0.8, 0.82, **replicated)

    assert standings_of(job).statements[0].startswith("Trial 2 leads with 0.810.")


def test_the_leader_against_the_default_is_a_claim_about_two_runs() -> None:
    told = standings_of(job_with_shares(0.5, 0.5, 0.0, 0.8, confirmation_json=CONTROLS)).statements

    assert told[1].startswith("Trial 3 against the default (trial 0): these two runs differ by +0.30 [")
    assert "says nothing about the configurations" in told[1]


def test_scores_that_are_all_equal_are_an_alarm() -> None:
    assert standings_of(job_with_shares(0.5, 0.5)).warnings == ()

    (worry,) = standings_of(job_with_shares(0.5, 0.5, 0.5)).warnings
    assert "same score" in worry


def test_a_new_trial_changes_what_is_told() -> None:
    job = job_with_shares(0.5)
    assert "0.500" in standings_of(job).statements[0]

    TuningJob.objects.filter(pk=job.pk).update(num_samples=2)
    record(job, take(job), 0.9)
    job.refresh_from_db()

    assert "0.900" in standings_of(job).statements[0]


def test_a_metric_of_training_has_no_items_to_compare() -> None:
    assert standings_of(make_job(metric_name="eval_loss", metric_mode="min")).statements == ()


def test_a_new_job_is_told_what_it_can_show() -> None:
    (told,) = standings_of(make_job(status=JobStatus.CREATED)).statements

    assert told.startswith("With 256 items the search can tell apart trials that differ by")


def test_few_rows_are_a_warning_before_the_start() -> None:
    job = make_job()
    job.evaluation_json["max_items"] = 16

    (worry,) = standings_of(job).warnings

    assert "Raise max_items to" in worry


def test_the_page_shows_it(web: Client) -> None:
    page = web.get(job_with_shares(0.9, 0.3).get_absolute_url()).content.decode()

    assert "Trial 0 leads with 0.900" in page
