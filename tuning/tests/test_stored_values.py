"""The JSON columns of a job as values, also of rows that an older or a newer version wrote."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.job_sections import SEARCH_ALONE
from tuning.domain.selection.budgets import Budget, Stop
from tuning.domain.selection.outcome import VerdictOutcome
from tuning.models import TuningJob

from .factories import make_job, make_trial

STOP = {"budget": "max_seconds", "scope": "job", "detail": "the budget of 60 seconds is used up"}


@pytest.mark.parametrize("stored", [{}, {"a_later_limit": 3}])
def test_a_budget_without_limits_still_bounds_failures(stored: dict[str, Any]) -> None:
    assert TuningJob(num_samples=8, budget_json=stored).budget == Budget(max_seconds=None, max_failed_trials=4)


def test_a_confirmation_that_was_never_asked_for_is_none() -> None:
    assert TuningJob(confirmation_json={}).confirmation == SEARCH_ALONE


def test_a_confirmation_of_before_keeps_its_number_of_seeds() -> None:
    confirmation = TuningJob(confirmation_json={"controls": True, "seeds": 5}).confirmation
    assert (confirmation.max_seeds, confirmation.margin) == (5, 0.02)


def test_an_evaluation_has_defaults() -> None:
    assert TuningJob(evaluation_json={"judge": "exact_match"}).evaluation.split == "validation"


def test_an_algorithm_is_read_where_its_package_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.domain.sampling.algorithm.lacking_packages", lambda name: ["cmaes"])
    job = TuningJob(algorithm_json={"name": "cmaes", "replicates": 2})
    assert (job.algorithm.name, job.algorithm.options["sigma0"], job.replicates) == ("cmaes", None, 2)


def test_what_was_not_asked_for_is_none() -> None:
    job = TuningJob()
    assert (job.early_stopping, job.verdict, job.ended_early, job.guards) == (None, None, None, ())


def test_early_stopping_is_read_back() -> None:
    stopping = EarlyStopping.read({"name": "asha"})
    assert stopping is not None
    assert TuningJob(early_stopping_json=stopping.to_json()).early_stopping == stopping


def test_the_end_by_a_budget_may_lack_its_trial() -> None:
    assert TuningJob(ended_early_json=STOP).ended_early == Stop("max_seconds", "job", STOP["detail"])


def test_a_verdict_of_a_newer_version_is_read() -> None:
    job = TuningJob(verdict_json={"outcome": "no_improvement", "sentence": "None.", "effect_size": 0.1})
    assert job.verdict is not None
    assert (job.verdict.outcome, job.verdict.excluded) == (VerdictOutcome.NO_IMPROVEMENT, ())


def test_a_value_follows_its_column() -> None:
    job = TuningJob(num_samples=8, budget_json={"max_seconds": 60})
    job.budget_json["max_seconds"] = 90
    assert job.budget.max_seconds == 90


@pytest.mark.django_db
def test_a_row_that_was_counted_is_not_counted_again(django_assert_num_queries: Any) -> None:
    job = make_job(verdict_json={"outcome": "better", "search_trials": 1})
    make_trial(job)
    make_trial(job)
    counted = TuningJob.objects.with_progress().get(pk=job.pk)
    with django_assert_num_queries(0):
        why = counted.why_verdict_stale
    assert why == job.why_verdict_stale == "more trials have completed since"
