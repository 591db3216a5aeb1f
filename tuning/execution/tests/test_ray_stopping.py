"""Ray's early stopping schedulers, and what the ledger records of them. No Ray is started."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tuning.domain.early_stopping.decisions import KnownRungs, Reached
from tuning.domain.early_stopping.rules import RULES, EarlyStopping
from tuning.domain.early_stopping.stopping_rule import Basis
from tuning.execution.source import SOURCES

pytestmark = pytest.mark.slow  # imports Ray

SWEEP = "stopping"


class Recorder:
    """A source that keeps what is reported to it."""

    def __init__(self) -> None:
        self.rungs: list[tuple[int, Reached, Basis | None]] = []

    def reached(self, config: dict[str, Any], reached: Reached, stop: Basis | None) -> None:
        self.rungs.append((config["number"], reached, stop))


@dataclass(eq=False)
class RayTrial:
    """The parts of a Ray trial that the rules read."""

    trial_id: str
    config: dict[str, int]


@pytest.fixture
def recorded() -> Iterator[Recorder]:
    source = Recorder()
    SOURCES[SWEEP] = source  # type: ignore[assignment]
    yield source
    del SOURCES[SWEEP]


def rule(**options: Any) -> EarlyStopping:
    factor = {} if options.get("name") == "median" else {"reduction_factor": 3}
    stopping = EarlyStopping.read({"name": "asha"} | factor | options)
    assert stopping is not None
    return stopping


def scheduler(stopping: EarlyStopping, known: Sequence[KnownRungs] = ()) -> Any:
    from tuning.execution.ray_stopping import scheduler_of

    return scheduler_of(SWEEP, stopping, 7, known)


def new_trial(stopper: Any, number: int) -> Any:
    trial = RayTrial(f"ray-{number}", {"number": number})
    stopper.on_trial_add(None, trial)
    return trial


def run(stopper: Any, stopping: EarlyStopping, number: int, losses: Sequence[float]) -> str:
    """One trial with these losses at its rungs, to its end or its stop: `STOP` or `CONTINUE`."""
    trial, decision = new_trial(stopper, number), "CONTINUE"
    for rung, (at, loss) in enumerate(zip(stopping.rungs.at, losses, strict=False), start=1):
        result = {"rung": rung, "at": at, "step": 10 * rung, "steps": 90, "value": loss}
        decision = stopper.on_trial_result(None, trial, result)
        if decision == "STOP":
            stopper.on_trial_complete(None, trial, result)
            return decision
    stopper.on_trial_complete(None, trial, {"outcome": "completed", "score_mean": 0.5})
    return decision


def decisions(stopping: EarlyStopping, trials: Sequence[Sequence[float]], interrupted_after: int = 99) -> list[str]:
    """The decisions about a sequence of trials; after some of them the scheduler is rebuilt from the known rungs."""
    stopper, found = scheduler(stopping), []
    for number, losses in enumerate(trials):
        if number == interrupted_after:
            source: Any = SOURCES[SWEEP]
            values: dict[int, list[tuple[float, float]]] = {}
            for of, reached, _ in source.rungs:
                values.setdefault(of, []).append((reached.at, reached.value))
            stopper = scheduler(stopping, [KnownRungs(of, tuple(points)) for of, points in values.items()])
        found.append(run(stopper, stopping, number, losses))
    return found


LOSSES = [[2.0, 1.5], [2.5, 1.4], [1.9, 1.6], [1.8, 1.4], [2.2, 1.0], [1.7, 1.3], [1.95, 1.2], [1.6, 1.5]]


def test_every_rule_has_a_scheduler() -> None:
    from tuning.execution.ray_stopping import RAY_RULES

    assert set(RAY_RULES) == set(RULES)


def test_value_threshold_and_number_of_others_are_recorded(recorded: Recorder) -> None:
    assert decisions(rule(), [[2.0, 1.5], [2.5, 1.4]]) == ["CONTINUE", "STOP"]
    number, reached, stop = recorded.rungs[-1]
    assert (number, reached.rung, reached.value, stop) == (1, 1, 2.5, Basis(2.0, 1))


def test_a_trial_that_continues_is_recorded_too(recorded: Recorder) -> None:
    decisions(rule(), [[2.0, 1.5]])
    assert [(reached.rung, stop) for _, reached, stop in recorded.rungs] == [(1, None), (2, None)]


def test_a_trial_is_stopped_at_a_later_rung(recorded: Recorder) -> None:
    assert decisions(rule(), [[2.0, 1.5], [1.9, 1.6]]) == ["CONTINUE", "STOP"]
    assert recorded.rungs[-1][1].rung == 2


@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
@pytest.mark.parametrize("after", [1, 3, 5])
def test_an_interrupted_sweep_stops_the_same_trials(recorded: Recorder, name: str, after: int) -> None:
    options = {"min_samples": 1, "grace": 0.3, "interval": 0.3} if name == "median" else {}
    stopping = rule(name=name, **options)
    undisturbed = decisions(stopping, LOSSES)
    recorded.rungs.clear()
    assert "STOP" in undisturbed
    assert decisions(stopping, LOSSES, interrupted_after=after) == undisturbed


def test_rays_rungs_are_those_of_the_runs(recorded: Recorder) -> None:
    stopping = rule(reduction_factor=4, grace=0.01)
    milestones = [at for at, _ in scheduler(stopping)._rule._brackets[0]._rungs]
    assert sorted(milestones)[: len(stopping.rungs.at)] == stopping.rungs.at


def test_the_values_of_a_failed_trial_are_removed(recorded: Recorder) -> None:
    stopping = rule()
    stopper = scheduler(stopping)
    failed = new_trial(stopper, 0)
    stopper.on_trial_result(None, failed, {"rung": 1, "at": 1 / 9, "step": 10, "steps": 90, "value": 0.1})
    stopper.on_trial_complete(None, failed, {"outcome": "failed"})
    assert run(stopper, stopping, 1, [2.0, 1.5]) == "CONTINUE"


def test_a_trial_without_rungs_is_never_stopped(recorded: Recorder) -> None:
    stopping = rule()
    stopper = scheduler(stopping)
    run(stopper, stopping, 0, [0.1, 0.1])
    assert stopper.on_trial_result(None, new_trial(stopper, 1), {"eval_loss": 9.0}) == "CONTINUE"


def test_the_median_rule_stops_what_is_worse_than_the_median(recorded: Recorder) -> None:
    stopping = rule(name="median", min_samples=3, grace=0.5, interval=0.5)
    assert decisions(stopping, [[1.0], [2.0], [3.0], [2.5], [1.5]]) == ["CONTINUE"] * 3 + ["STOP", "CONTINUE"]
    assert [stop for _, _, stop in recorded.rungs if stop] == [Basis(2.0, 3)]


def test_the_median_rule_never_pauses(recorded: Recorder) -> None:
    stopping = rule(name="median", grace=0.5, interval=0.5)
    stopper = scheduler(stopping)
    waiting = SimpleNamespace(get_live_trials=lambda: [SimpleNamespace(status="PENDING")])
    result = {"rung": 1, "at": 0.5, "step": 45, "steps": 90, "value": 1.0}
    assert stopper.on_trial_result(waiting, new_trial(stopper, 0), result) == "CONTINUE"


def test_with_mode_max_larger_is_better(recorded: Recorder) -> None:
    assert decisions(rule(mode="max"), [[2.0, 1.5], [1.9, 1.9]]) == ["CONTINUE", "STOP"]
    assert recorded.rungs[-1][2] == Basis(2.0, 1)
