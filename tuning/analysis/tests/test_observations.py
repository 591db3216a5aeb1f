"""A running sampler hears what somebody does to the trials of its job, and proposes what one built anew would."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.execution.ledger_source import LedgerSource, observation_of, sampler_of
from tuning.models import TuningJob
from tuning.services.exclude import exclude_trial, include_trial

from ...tests.factories import make_trial
from ...tests.ledger_steps import running_job

pytestmark = pytest.mark.django_db

SPREAD = [0.0002, 0.001, 0.005, 0.02]


def learned_job() -> TuningJob:
    """Four trials, the last of which looks far better than the others."""
    job = running_job(algorithm_json={"name": "tpe", "n_startup_trials": 2, "multivariate": False})
    for number, rate in enumerate(SPREAD):
        make_trial(job, params_json={"learning_rate": rate, "batch_size": 16}, metric_value=0.1 * number)
    return job


def proposals_of(source: Any) -> list[Any]:
    """Of a sampler, or of a source that has one, for the next slots."""
    ask = source._propose if isinstance(source, LedgerSource) else source.propose
    return [ask(slot).params for slot in range(4, 9)]


def test_an_exclusion_changes_what_a_running_sampler_proposes() -> None:
    job = learned_job()
    undisturbed = proposals_of(LedgerSource(job, 1, "noop"))
    source = LedgerSource(job, 1, "noop")
    exclude_trial(trial=job.trials.get(number=3), data={"reason": "wrong"}, actor=None)

    heard = proposals_of(source)

    assert heard == proposals_of(sampler_of(job))
    assert heard != undisturbed


def test_an_inclusion_restores_what_it_proposes() -> None:
    job = learned_job()
    undisturbed = proposals_of(LedgerSource(job, 1, "noop"))
    source = LedgerSource(job, 1, "noop")
    exclude_trial(trial=job.trials.get(number=3), data={"reason": "wrong"}, actor=None)
    include_trial(trial=job.trials.get(number=3), actor=None)

    assert proposals_of(source) == undisturbed


def test_nothing_is_read_again_where_nothing_has_changed(django_assert_num_queries: Any) -> None:
    source = LedgerSource(learned_job(), 1, "noop")
    with django_assert_num_queries(1):
        source._propose(4)


def test_an_excluded_trial_is_known_and_teaches_nothing() -> None:
    trial = exclude_trial(trial=learned_job().trials.get(number=3), data={"reason": "wrong"}, actor=None)

    assert observation_of([trial]).outcome == "failed"
