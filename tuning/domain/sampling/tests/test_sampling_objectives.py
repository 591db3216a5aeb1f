"""Samplers that follow several objectives."""

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.observation import Observation, together
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import make_sampler, run_job, through_json

COUNT = 24
ONE = {"learning_rate": {"type": "uniform", "min": 0.0001, "max": 0.1}}
SEVERAL = ["tpe", "random", "sobol"]


def two(number, params):
    """More of both is better, and they contradict each other outside 0.02 to 0.04."""
    rate = float(params["learning_rate"])
    fates = [{"outcome": "failed"}, {"outcome": "infeasible"}, {"outcome": "pruned", "value": 0.5, "step": 10}]
    if number % 7 > 3:
        return fates[number % 7 - 4]
    return {"outcome": "completed", "value": -abs(rate - 0.02), "values": (abs(rate - 0.04),)}


def sampler(algorithm="tpe", history=(), space=ONE):
    return make_sampler(space, algorithm, metric_mode="max", further_modes=["min"], history=history)


@pytest.mark.parametrize("algorithm", SEVERAL)
def test_rebuilt_after_every_trial_it_proposes_the_same(algorithm):
    undisturbed = run_job(sampler(algorithm), COUNT, two)
    disturbed = []
    for number in range(COUNT):
        known = [through_json(trial) for trial in disturbed]
        disturbed = run_job(sampler(algorithm, known), number + 1, two, known)
    assert [trial.params for trial in disturbed] == [trial.params for trial in undisturbed]


def test_a_genetic_search_that_is_rebuilt_proposes_the_same():
    algorithm, about = Algorithm.parse({"name": "nsga2", "population_size": 6}), {"seed": 0, "metric_mode": "max"}

    def genetic(history=()):
        space = SearchSpace.parse(ONE)
        return Sampler(space=space, algorithm=algorithm, further_modes=["min"], history=history, **about)

    undisturbed = run_job(genetic(), COUNT, two)
    known = [through_json(trial) for trial in undisturbed[: COUNT - 4]]
    assert run_job(genetic(known), COUNT, two, known) == undisturbed


def test_tpe_goes_where_either_objective_is_good():
    proposed = [float(trial.params["learning_rate"]) for trial in run_job(sampler(), 60, two)[20:]]
    assert sum(0.01 <= rate <= 0.05 for rate in proposed) > 0.7 * len(proposed)


def test_the_second_objective_is_heard():
    trials = run_job(sampler(), 12, two)
    deaf = [
        Observation(one.number, one.params, one.outcome, one.value, one.step, one.state, (0.5,) if one.values else ())
        for one in trials
    ]
    assert sampler(history=trials).ask(12) != sampler(history=deaf).ask(12)


@pytest.mark.parametrize("values", [(), (0.5, 0.5)])
def test_too_few_or_too_many_values_are_refused(values):
    with pytest.raises(ValueError, match="2 objectives"):
        sampler().tell(Observation(0, {"learning_rate": 0.01}, "completed", 0.5, values=values))


def test_a_completed_trial_has_finite_further_values():
    with pytest.raises(ValueError, match="finite"):
        Observation(0, {}, "completed", 0.5, values=(float("nan"),))


def test_replicates_have_the_mean_of_each_objective():
    found = together([Observation(0, {}, "completed", value, values=(2 * value,)) for value in (0.25, 0.75)])
    assert (found.value, found.values) == (0.5, (1.0,))
