"""`early_stopping_json`: what may be asked, where the rungs lie, what is unusual."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.early_stopping.rules import EarlyStopping, parse_early_stopping, stopping_warnings
from tunix.validation.errors import Faults


def parsed(**data: Any) -> EarlyStopping:
    faults = Faults()
    found = parse_early_stopping({"name": "asha"} | data, faults)
    assert found is not None
    assert faults.messages == {}
    return found


def faults_of(data: Any) -> dict[str, list[str]]:
    faults = Faults()
    parse_early_stopping(data, faults)
    return faults.messages


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_nothing_asked_means_that_every_trial_runs_to_its_end(nothing: Any) -> None:
    assert parse_early_stopping(nothing, Faults()) is None


@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_a_resolved_rule_reads_back_as_the_same(name: str) -> None:
    stopping = parsed(name=name)
    assert parse_early_stopping(stopping.to_json(), Faults()) == stopping


def test_rungs_are_shares_a_factor_apart() -> None:
    assert parsed(reduction_factor=2, grace=0.125).rungs.at == [0.125, 0.25, 0.5]


def test_the_first_rung_follows_from_the_factor() -> None:
    assert parsed().rungs.at == [1 / 16, 1 / 4]
    assert parsed(reduction_factor=3).rungs.at == [1 / 9, 1 / 3]


def test_rungs_of_the_median_rule_are_evenly_spaced() -> None:
    assert parsed(name="median", grace=0.25, interval=0.25).rungs.at == [0.25, 0.5, 0.75]


def test_rungs_in_steps_end_at_max_steps() -> None:
    assert parsed(unit="steps", grace=10, reduction_factor=3, max_steps=100).rungs.at == [10, 30, 90]


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ("asha", "", "Must be an object"),
        ({"grace": 0.1}, ".name", "Required"),
        ({"name": "ahsa"}, ".name", "Did you mean 'asha'"),
        ({"name": "asha", "metric": "score_mean"}, ".metric", "Must be one of eval_loss, train_loss"),
        ({"name": "asha", "mode": "up"}, ".mode", "Must be one of min, max"),
        ({"name": "asha", "reduction_factor": 11}, ".reduction_factor", "from 2 to 10"),
        ({"name": "asha", "grace": 1}, ".grace", "no rung before the end"),
        ({"name": "asha", "grace": "early"}, ".grace", "Must be a number"),
        ({"name": "asha", "min_samples": 3}, ".min_samples", "Unknown field"),
        ({"name": "asha", "max_steps": 100}, ".max_steps", "Only allowed when unit is steps"),
        ({"name": "asha", "unit": "steps"}, ".grace", "Required when unit is steps"),
        ({"name": "hyperband", "brackets": 4}, ".brackets", "at most 3"),
        ({"name": "median", "unit": "steps", "grace": 10, "interval": 5}, ".max_steps", "Required"),
        ({"name": "median", "interval": 0.001}, ".interval", "More than 100 rungs"),
    ],
)
def test_a_fault_is_named_by_its_path(data: Any, path: str, words: str) -> None:
    assert words in " ".join(faults_of(data)[f"early_stopping_json{path}"])


def test_rungs_inside_a_decaying_schedule_warn_and_say_what_to_do() -> None:
    (warning,) = stopping_warnings(parsed(), ["constant", "cosine"])
    assert "decaying schedule (cosine)" in warning
    assert "Raise grace" in warning and "fix schedule to constant" in warning


def test_a_constant_schedule_is_nothing_unusual() -> None:
    assert stopping_warnings(parsed(), ["constant"]) == []


def test_keeping_the_worst_warns() -> None:
    assert "keeps the worst" in " ".join(stopping_warnings(parsed(mode="max"), ["constant"]))
