"""Which run of a job is promoted, what has to be said for it, and what the job remembers."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import EventKind, JobStatus, TrialKind, TrialStatus
from tuning.models import TuningJob
from tuning.services.promote import promote_winner, reason_not_confirmed
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.runs.models import BaseModel
from tunix.runs.tests.checkpoints import write_checkpoint

from ...tests.factories import PARAMS, make_job, make_trial

pytestmark = pytest.mark.django_db
SENTENCE = "Better than the default by +0.08 [0.05, 0.11]."


def searched_job(**overrides: Any) -> TuningJob:
    """A completed job of two trials, the second the best of them; nothing is confirmed."""
    job = make_job(status=JobStatus.COMPLETED, best_value=0.75, best_params_json=PARAMS, **overrides)
    trials = [make_trial(job, metric_value=value) for value in (0.5, 0.75)]
    for trial in trials:
        assert trial.run is not None
        write_checkpoint(trial.run)
    job.best_trial, job.best_run = trials[1], trials[1].run
    job.save()
    return job


def confirmed_job() -> TuningJob:
    """The same, and what trial 0 learned, trained again as trial 2, is confirmed."""
    job = searched_job()
    source = job.trials.get(number=0)
    proof = make_trial(job, kind=TrialKind.HELD_OUT, source=source, round=1, metric_value=0.625)
    assert proof.run is not None
    write_checkpoint(proof.run)
    job.confirmed_run = proof.run
    job.verdict_json = {"outcome": "better", "sentence": SENTENCE, "winner": 0, "search_trials": 2, "round": 1}
    job.confirmation_round = 1
    job.save()
    return job


def promote(job: TuningJob, actor: Any = None, **more: Any) -> BaseModel:
    return promote_winner(job=job, data={"name": "mine", **more}, actor=actor)


def test_the_confirmed_run_is_the_winner() -> None:
    job = confirmed_job()
    model = promote(job)
    assert model.run == job.confirmed_run
    assert model.lineage_json["confirmed"] is True
    assert model.lineage_json["verdict"] == SENTENCE
    assert model.lineage_json["trial"] == {"number": 2, "kind": "held_out", "parameters_of": 0}


def test_a_stale_verdict_confirms_nothing() -> None:
    job = confirmed_job()
    make_trial(job, metric_value=0.9)
    with pytest.raises(Conflict, match="is stale"):
        promote(job)
    verdict = promote(job, unconfirmed=True).lineage_json["verdict"]
    assert verdict.splitlines() == [SENTENCE, reason_not_confirmed(job, job.confirmed_run)]


def test_a_confirmation_that_came_to_nothing_confirms_nothing() -> None:
    job = confirmed_job()
    job.verdict_json = {"outcome": "not_confirmed", "sentence": "Not confirmed: it ended.", "search_trials": 2}
    with pytest.raises(Conflict, match="no confirmed winner"):
        promote(job)
    assert promote(job, unconfirmed=True).lineage_json["confirmed"] is False


def test_a_winner_as_good_as_the_default_is_confirmed() -> None:
    job = confirmed_job()
    job.verdict_json["outcome"] = "equivalent"
    assert promote(job).lineage_json["confirmed"] is True


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        ("worse", "worse than the default"),
        ("undecided", "not decided"),
        ("no_improvement", "no improvement over the default"),
    ],
)
def test_a_winner_that_was_not_proved_is_promoted_only_as_unconfirmed(outcome: str, label: str) -> None:
    job = confirmed_job()
    job.verdict_json["outcome"] = outcome
    with pytest.raises(Conflict, match=f"The verdict on the winner is: {label}"):
        promote(job)
    assert promote(job, unconfirmed=True).lineage_json["confirmed"] is False


def test_the_untuned_model_is_not_promoted() -> None:
    job = searched_job()
    trial = make_trial(job, kind=TrialKind.UNTUNED)
    assert trial.run is not None
    trial.run.config_json["method"] = "untuned"
    trial.run.save()
    with pytest.raises(Conflict, match="nothing new in it to promote"):
        promote(job, trial=2, unconfirmed=True)


def test_a_raw_best_has_to_be_asked_for() -> None:
    with pytest.raises(Conflict, match=r'no confirmed winner.*say "unconfirmed": true'):
        promote(searched_job())


def test_a_raw_best_is_promoted_as_such() -> None:
    job = searched_job()
    model = promote(job, unconfirmed=True)
    assert model.run == job.best_run
    assert model.lineage_json["verdict"] == (
        "Not confirmed: trial 1 has the score_mean 0.75 on validation, in a search of 2 trials. "
        "The best of many noisy scores is too good on average."
    )


def test_the_lineage_names_job_and_trial() -> None:
    job = searched_job(name="sweep")
    lineage = promote(job, unconfirmed=True).lineage_json
    assert lineage["job"] == {"id": str(job.pk), "name": "sweep"}
    assert lineage["trial"] == {"number": 1, "kind": "search", "parameters_of": None}


def test_the_confirmed_run_is_promoted_even_where_the_raw_best_would_do() -> None:
    job = confirmed_job()
    assert promote(job, unconfirmed=True).run == job.confirmed_run


def test_another_trial_has_to_be_asked_for() -> None:
    with pytest.raises(Conflict, match="not the run that the job confirmed"):
        promote(confirmed_job(), trial=1)


def test_another_trial_can_be_promoted() -> None:
    job = searched_job()
    assert promote(job, trial=0, unconfirmed=True).run == job.trials.get(number=0).run


def test_the_confirmed_trial_needs_no_word() -> None:
    assert promote(confirmed_job(), trial=2).lineage_json["confirmed"] is True


@pytest.mark.parametrize("trial", [7, -1, "0", True, 1.5, 10**12])
def test_a_trial_that_is_none_is_named(trial: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        promote(searched_job(), trial=trial, unconfirmed=True)
    assert set(caught.value.errors) == {"trial"}


def test_a_trial_that_failed_is_not_promoted() -> None:
    job = searched_job()
    make_trial(job, status=TrialStatus.FAILED)
    with pytest.raises(Conflict, match="The trial is failed"):
        promote(job, trial=2, unconfirmed=True)


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
def test_a_job_at_work_has_no_winner_yet(status: JobStatus) -> None:
    with pytest.raises(Conflict, match=f"The job is {status}"):
        promote(make_job(status=status), unconfirmed=True)


def test_a_job_without_a_completed_trial_has_no_winner() -> None:
    with pytest.raises(Conflict, match="no completed trial"):
        promote(make_job(status=JobStatus.FAILED), unconfirmed=True)


def test_the_history_tells_who_promoted_what(user: Any) -> None:
    job = confirmed_job()
    promote(job, actor=user)
    event = job.events.get(kind=EventKind.PROMOTED)
    assert (event.actor, event.detail) == (user, "promoted/mine@1: trial 2, confirmed")


def test_the_same_winner_under_the_same_name_is_one_model() -> None:
    job = confirmed_job()
    promote(job)
    with pytest.raises(Conflict, match="already promoted to promoted/mine@1"):
        promote(job)
    assert job.events.filter(kind=EventKind.PROMOTED).count() == 1


def test_the_model_outlives_the_job() -> None:
    job = confirmed_job()
    model = promote(job)
    job.delete()
    model.refresh_from_db()
    assert model.lineage_json["job"]["name"] == job.name
