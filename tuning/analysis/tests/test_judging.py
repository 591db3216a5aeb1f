"""What the judge of a job costs, its limit, and that trials of one job are judged by one version of it."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.ledger.assignment import Assignment, Finished
from tuning.models import TuningJob, TuningTrial
from tunix.evaluation.tests.factories import make_evaluation
from tunix.operations.checker.check import check_ledger
from tunix.pipeline.spec import FailureReason, RunOutcome, Usage
from tunix.runs.models import TunixRun

from ...ledger.record import record_outcome
from ...tests.factories import job_request
from ...tests.ledger_steps import result_of, running_job, take

pytestmark = pytest.mark.django_db
BUDGET = {"max_seconds": None, "max_failed_trials": 3, "max_trial_seconds": None, "max_judge_cost": 1.0}


def record(job: TuningJob, offer: Assignment, *, cost: float | None = None, **overrides: Any) -> TuningTrial | None:
    usage = None if cost is None else Usage(calls=2, prompt_tokens=100, completion_tokens=10, cost=cost)
    result = result_of(offer, judge_usage=usage, **overrides)
    return record_outcome(job.pk, 1, offer.attempt_id, result, "f" * 64)


def by_version(job: TuningJob, version: str) -> TuningTrial | None:
    offer = take(job)
    verdict = result_of(offer).verdict
    assert verdict is not None
    return record(job, offer, verdict=verdict.model_copy(update={"judge_version": version}))


def test_a_run_may_spend_what_is_left_of_the_budget() -> None:
    job = running_job(budget_json=BUDGET)
    first = take(job)
    record(job, first, cost=0.25)
    assert (first.spec["max_judge_cost"], take(job).spec["max_judge_cost"]) == (1.0, 0.75)


def test_a_used_up_budget_for_the_judge_ends_the_offers() -> None:
    job = running_job(budget_json=BUDGET)
    record(job, take(job), cost=1.25)
    assert take(job) == Finished(detail="the budget of 1 for the judge is used up: judging has cost 1.25")


def test_what_a_failed_run_spent_counts_as_well() -> None:
    job = running_job(budget_json=BUDGET)
    reason = FailureReason.JUDGE_ERROR
    record(job, take(job), cost=1.0, outcome=RunOutcome.FAILED, metrics={}, verdict=None, reason=reason)
    assert "for the judge" in take(job).detail


def test_judging_a_run_again_counts_as_well() -> None:
    job = running_job(budget_json=BUDGET)
    offer = take(job)
    record(job, offer, cost=0.5)
    usage = Usage(calls=1, cost=0.5).model_dump()
    make_evaluation(TunixRun.objects.get(pk=offer.run_id), own_lease=True, usage_json=usage)
    assert "for the judge" in take(job).detail


def test_without_a_limit_nothing_is_limited() -> None:
    job = running_job()
    record(job, take(job), cost=1e6)
    assert take(job).spec["max_judge_cost"] is None


def test_api_and_page_sum_what_was_used(api: Any, web: Any) -> None:
    job = running_job(budget_json=BUDGET)
    for cost in (0.25, 0.5):
        record(job, take(job), cost=cost)
    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_usage"] == {
        "calls": 4,
        "cache_hits": 0,
        "prompt_tokens": 200,
        "completion_tokens": 20,
        "cost": 0.75,
    }
    page = web.get(job.get_absolute_url()).content.decode()
    assert "4 calls, 0 from cache" in page


def test_a_job_whose_judge_asks_nobody_shows_no_cost(api: Any) -> None:
    job = running_job()
    record(job, take(job))
    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_usage"] is None


def test_a_trial_judged_by_another_version_fails_and_is_not_ranked() -> None:
    job = running_job()
    by_version(job, "1")
    other = by_version(job, "2")
    assert other is not None
    assert (other.status, other.reason, other.metric_value) == ("failed", "judge_error", None)
    assert "by version 2" in other.error
    assert "the trials before by version 1" in other.error


def test_the_checker_knows_a_trial_judged_by_another_version() -> None:
    job = running_job()
    by_version(job, "1")
    by_version(job, "2")
    assert [found for found in check_ledger(job_id=job.pk, files=False).findings if "attempt" in found.detail] == []


def test_a_limit_of_cost_is_kept_and_warned_about_where_it_limits_nothing(api: Any) -> None:
    answer = api.post("/api/tuning/jobs", job_request(budget_json={"max_judge_cost": 2}))
    assert answer.json()["budget_json"]["max_judge_cost"] == 2
    assert answer.json()["warnings"] == {
        "budget_json.max_judge_cost": ["The judge answer_correctness asks no service and costs nothing."]
    }


@pytest.mark.parametrize("cost", [0, -1, "1", True])
def test_a_wrong_limit_is_refused(api: Any, cost: Any) -> None:
    answer = api.post("/api/tuning/jobs", job_request(budget_json={"max_judge_cost": cost}))
    assert list(answer.json()["errors"]) == ["budget_json.max_judge_cost"]


def test_a_judge_without_settings_is_refused(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_URL", raising=False)
    answer = api.post("/api/tuning/jobs", job_request(evaluation_json={"judge": "gemma"}))
    assert "Set JUDGE_URL" in answer.json()["errors"]["evaluation_json.judge"][0]
