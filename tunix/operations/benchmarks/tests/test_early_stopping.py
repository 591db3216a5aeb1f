"""`benchmark early_stopping` runs the same sweep twice; a small one here, docs/search.md shows a whole one."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.operations.benchmarks.early_stopping import goals_of

STOP = "trial 1 stopped at step 7 of 60 (rung 1): eval_loss 2.3, the best third of 1 trial there had at most 1.9"


def facts(**changed: Any) -> dict[str, Any]:
    steps = {"planned": 100, "trained": 40, "saved_share": 0.6}
    best = {"best_trial": 3, "best_value": 0.8, "interval": [0.7, 0.9]}
    return {"steps": steps, "pruned": 1, "stops": [STOP], **best} | changed


WHOLE = facts(steps={"planned": 100, "trained": 100, "saved_share": 0}, pruned=0, stops=[])


def test_a_sweep_that_saves_enough_and_finds_the_same_meets_the_goals() -> None:
    assert goals_of(facts(), WHOLE) == {"steps": True, "best": True, "explained": True}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"steps": {"planned": 100, "trained": 41, "saved_share": 0.59}}, "steps"),
        ({"best_trial": 5, "best_value": 0.69}, "best"),
        ({"pruned": 2}, "explained"),
        ({"stops": ["trial 1 stopped"]}, "explained"),
    ],
)
def test_each_goal_can_be_missed(changed: dict[str, Any], missed: str) -> None:
    assert [name for name, met in goals_of(facts(**changed), WHOLE).items() if not met] == [missed]


def test_another_best_inside_the_interval_will_do() -> None:
    assert goals_of(facts(best_trial=5, best_value=0.71), WHOLE)["best"]
