"""Whatever the algorithm, a sampler rebuilt from what the ledger stores proposes what the live one does."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.sampling.tests.sampler_cases import ALGORITHMS, CONDITIONAL, CONSTRAINTS, sampler_of
from tuning.domain.tests.factories import MIXED, run_job, through_json, with_failures

SLOTS = {"gp": 12}
"""Slots of a job; 30 unless named."""
FEWER = 14
"""Slots where much is refused and drawn again, which takes its time."""
SPACES: dict[str, Any] = {
    "mixed": {"space": MIXED},
    "conditional": {"space": CONDITIONAL, "constraints": CONSTRAINTS},
}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", ALGORITHMS)
def test_after_every_trial(name: str, space: str) -> None:
    count = min(SLOTS.get(name, 30), FEWER if space == "conditional" else 30)
    live = run_job(sampler_of(ALGORITHMS[name], **SPACES[space]), count, with_failures)

    for known in range(count):
        history = [through_json(trial) for trial in live[:known]]
        rebuilt = sampler_of(ALGORITHMS[name], **SPACES[space], history=history)
        assert rebuilt.propose(known).params == live[known].params, f"after {known} trials"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_while_another_trial_runs_and_ends_late(name: str) -> None:
    """Two run at the same time, and of each pair the second ends first."""
    live = sampler_of(ALGORITHMS[name], MIXED)
    known: dict[int, Observation] = {}
    for slot in range(SLOTS.get(name, 30)):
        rebuilt = sampler_of(ALGORITHMS[name], MIXED, history=map(through_json, known.values()))
        proposal = live.propose(slot)
        assert rebuilt.propose(slot) == proposal, f"slot {slot}"
        known[slot] = Observation(slot, proposal.params, state=proposal.state)
        if slot % 2:
            _end(live, known, slot)
            _end(live, known, slot - 1)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_once_and_then_on(name: str) -> None:
    """The state that a rebuilt sampler stores is as good as that of the one that lived."""
    count = SLOTS.get(name, 30)
    undisturbed = run_job(sampler_of(ALGORITHMS[name], MIXED), count, with_failures)
    history = [through_json(trial) for trial in undisturbed[: count // 2]]

    assert run_job(sampler_of(ALGORITHMS[name], MIXED, history=history), count, with_failures, history) == undisturbed


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name != "random"])
def test_what_a_slot_stores_is_small(name: str) -> None:
    trials = run_job(sampler_of(ALGORITHMS[name], MIXED), SLOTS.get(name, 30), with_failures)

    assert all(len(str(trial.state)) < 200 for trial in trials)


def _end(live: Sampler, known: dict[int, Observation], slot: int) -> None:
    params = known[slot].params
    known[slot] = Observation(slot, params, **with_failures(slot, params), state=known[slot].state)
    live.tell(known[slot])
