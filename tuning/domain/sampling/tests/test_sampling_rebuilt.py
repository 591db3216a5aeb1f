"""A sampler rebuilt from the ledger proposes what the undisturbed one does."""

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import FINITE, MIXED, make_sampler, run_job, scored, through_json, with_failures

COUNT = 24


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
@pytest.mark.parametrize("outcome", [scored, with_failures])
def test_rebuilt_after_every_trial(algorithm, outcome):
    undisturbed = run_job(make_sampler(algorithm=algorithm), COUNT, outcome)
    disturbed = []
    for number in range(COUNT):
        sampler = make_sampler(algorithm=algorithm, history=disturbed)
        disturbed = run_job(sampler, number + 1, outcome, disturbed)
    assert disturbed == undisturbed


@pytest.mark.parametrize("multivariate", [True, False])
def test_rebuilt_once_from_json(multivariate):
    undisturbed = run_job(tpe(multivariate), COUNT, with_failures)
    history = [through_json(trial) for trial in undisturbed[:13]]
    assert run_job(tpe(multivariate, history), COUNT, with_failures, history) == undisturbed


def test_rebuilt_while_trials_run():
    live = make_sampler()
    trials = run_job(live, 12, scored)
    running = [Observation(number, live.ask(number)) for number in (12, 13)]
    rebuilt = make_sampler(history=[*trials, *running])
    assert rebuilt.ask(14) == live.ask(14)


def test_grid_rebuilt():
    undisturbed = run_job(make_sampler(FINITE, "grid"), 6, lambda *_: {"outcome": "failed"})
    assert make_sampler(FINITE, "grid", history=undisturbed[:3]).ask(3) == undisturbed[3].params


def test_order_of_the_history_does_not_matter():
    trials = run_job(make_sampler(), 12, scored)
    assert make_sampler(history=trials[::-1]).ask(12) == make_sampler(history=trials).ask(12)


def test_order_in_the_space_does_not_matter():
    reordered = make_sampler(dict(reversed(MIXED.items())))
    assert run_job(reordered, 12, scored) == run_job(make_sampler(), 12, scored)


def test_retried_trial_counts_as_it_ended_last():
    trials = run_job(make_sampler(), 12, scored)
    sampler = make_sampler(history=[*trials[:-1], Observation(11, trials[11].params, "failed")])
    sampler.tell(Observation(11, trials[11].params))
    sampler.tell(trials[11])
    assert sampler.ask(12) == make_sampler(history=trials).ask(12)


def tpe(multivariate, history=()):
    algorithm = Algorithm.parse({"name": "tpe", "n_startup_trials": 4, "multivariate": multivariate})
    space = SearchSpace.parse(MIXED)
    return Sampler(space=space, algorithm=algorithm, seed=1, metric_mode="min", history=history)
