"""What samplers propose."""

import math
import statistics

import pytest

from tuning.domain.sampling.observation import Observation
from tuning.domain.tests.factories import LEARNING_RATE, MIXED, make_sampler, run_job, scored

ONE = {"learning_rate": LEARNING_RATE}


def rates(trials):
    return [float(trial.params["learning_rate"]) for trial in trials]


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
def test_same_seed_same_proposals(algorithm):
    runs = [run_job(make_sampler(algorithm=algorithm), 8, scored) for _ in range(2)]
    assert runs[0] == runs[1]


def test_other_seed_other_proposals():
    assert make_sampler(seed=1).ask(0) != make_sampler(seed=2).ask(0)


def test_slots_differ():
    sampler = make_sampler(ONE, "random")
    assert len({sampler.ask(slot)["learning_rate"] for slot in range(50)}) == 50


def test_slot_keeps_its_parameters_when_asked_again():
    sampler = make_sampler()
    first = sampler.ask(0)
    sampler.ask(1)
    assert sampler.ask(0) == first


def test_values_are_plain():
    params = make_sampler(algorithm="random").ask(0)
    assert {name: type(value) for name, value in params.items()} == {
        "gradient_accumulation_steps": int,
        "learning_rate": float,
        "max_seq_length": int,
        "num_epochs": int,
        "optimizer": str,
        "seed": int,
        "warmup_ratio": float,
        "weight_decay": float,
    }


def test_constant_is_always_there():
    assert make_sampler(MIXED, "random").ask(5)["seed"] == 7


def test_space_of_constants_can_be_asked():
    assert make_sampler({"seed": {"type": "constant", "value": 3}}).ask(0) == {"seed": 3}


@pytest.mark.parametrize("mode", ["max", "min"])
def test_tpe_goes_where_the_metric_is_better(mode):
    def distance(params):
        return abs(math.log10(params["learning_rate"] / 0.01))

    def fate(number, params):
        return {"outcome": "completed", "value": distance(params) * (1 if mode == "min" else -1)}

    jobs = {name: run_job(make_sampler(ONE, name, metric_mode=mode), 60, fate) for name in ("tpe", "random")}
    medians = {name: statistics.median(distance(trial.params) for trial in jobs[name][20:]) for name in jobs}
    assert medians["tpe"] < 0.6 * medians["random"]


@pytest.mark.parametrize(("outcome", "least", "most"), [("infeasible", 0, 2), ("failed", 15, 20)])
def test_tpe_keeps_away_from_infeasible_parameters_only(outcome, least, most):
    """Learning rates from 0.02 never complete. Told as failed they teach nothing, and TPE comes back."""

    def fate(number, params):
        too_large = params["learning_rate"] >= 0.02
        return {"outcome": outcome} if too_large else {"outcome": "completed", "value": -params["learning_rate"]}

    trials = run_job(make_sampler(ONE), 40, fate)
    assert least <= sum(rate >= 0.02 for rate in rates(trials[20:])) <= most


def test_tpe_does_not_take_infeasible_for_good():
    """With nothing but diverged runs known, proposals stay spread over the whole space."""
    trials = run_job(make_sampler(ONE), 40, lambda *_: {"outcome": "infeasible"})
    assert rates(trials) == rates(run_job(make_sampler(ONE, "random"), 40, scored))


def test_failed_trials_teach_nothing():
    trials = run_job(make_sampler(ONE), 12, scored)
    failed = Observation(12, {"learning_rate": 0.05}, "failed")
    assert make_sampler(ONE, history=[*trials, failed]).ask(13) == make_sampler(ONE, history=trials).ask(13)


def test_running_trials_are_taken_into_account():
    trials = run_job(make_sampler(ONE), 12, scored)
    running = Observation(12, make_sampler(ONE, history=trials).ask(12))
    assert make_sampler(ONE, history=[*trials, running]).ask(13) != make_sampler(ONE, history=trials).ask(13)


def test_parameters_from_outside_the_space_are_left_out():
    sampler = make_sampler(ONE)
    sampler.tell(Observation(0, {"learning_rate": 99.0}, "completed", 1.0))
    assert sampler.ask(1) == make_sampler(ONE).ask(1)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_completed_without_a_finite_value_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        Observation(0, {}, "completed", value)


def test_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match="infeasible"):
        Observation(0, {}, "diverged")
