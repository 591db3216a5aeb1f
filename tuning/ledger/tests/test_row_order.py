"""The order of rows in which trials are judged: one for all that are compared, also in jobs of older versions."""

from __future__ import annotations

import pytest

from tuning.choices import TrialKind
from tuning.models import TuningJob
from tuning.tests.ledger_steps import complete, running_job, take

from ..assignment import Finished

pytestmark = pytest.mark.django_db
CONFIRMED = {"controls": False, "automatic": True, "top": 1, "seeds": 2}


def judge_as_before(job: TuningJob) -> None:
    """The runs of the job so far are from before rows were sampled: their specs do not name the order."""
    for trial in job.trials.filter(run__isnull=False).select_related("run"):
        del trial.run.config_json["row_order"]
        trial.run.save(update_fields=["config_json"])


def orders(job: TuningJob) -> list[tuple[str, str]]:
    trials = job.trials.select_related("run").order_by("number")
    return [(trial.kind, trial.run.spec.row_order) for trial in trials if trial.run]


def test_trials_are_judged_on_a_sample() -> None:
    job = running_job(confirmation_json=CONFIRMED, num_samples=1)
    complete(job, take(job))
    assert orders(job) == [(TrialKind.SEARCH, "prompt_hash")]


def test_a_job_that_began_with_the_first_rows_stays_with_them_except_in_its_proof() -> None:
    job = running_job(confirmation_json=CONFIRMED, confirmation_round=1, num_samples=2)
    complete(job, take(job))
    judge_as_before(job)
    while not isinstance(assignment := take(job), Finished):
        complete(job, assignment)
    found = dict(orders(job))
    assert found[TrialKind.SEARCH] == found[TrialKind.CONFIRMATION] == "file"
    assert {order for kind, order in orders(job) if kind == TrialKind.HELD_OUT} == {"prompt_hash"}


def test_a_proof_that_began_with_the_first_rows_ends_with_them() -> None:
    job = running_job(confirmation_json=CONFIRMED, confirmation_round=1, num_samples=1)
    while (assignment := take(job)).kind != TrialKind.HELD_OUT:
        complete(job, assignment)
    complete(job, assignment)
    judge_as_before(job)
    complete(job, take(job))
    assert [order for kind, order in orders(job) if kind == TrialKind.HELD_OUT] == ["file", "file"]
