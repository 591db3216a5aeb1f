"""What a trial is called."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import TrialKind, TrialOrigin

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "search"),
        ({"origin": TrialOrigin.ENQUEUED}, "search, enqueued"),
        ({"kind": TrialKind.DEFAULT, "replicate": 2}, "default configuration, seed 3"),
        ({"kind": TrialKind.UNTUNED}, "untuned model"),
        ({"kind": TrialKind.HELD_OUT}, "held-out test of the default, seed 1"),
    ],
)
def test_a_trial_is_called_by_its_kind(fields: dict[str, Any], label: str) -> None:
    assert make_trial(make_job(), **fields).label == label


def test_a_copy_names_the_trial_that_it_trains_again() -> None:
    job = make_job()
    source = make_trial(job)
    again = make_trial(job, kind=TrialKind.CONFIRMATION, source=source, replicate=1, round=2)
    assert again.label == "confirmation of trial 0, seed 2, round 2"


def test_replicates_of_a_search_are_told_apart_by_their_seed() -> None:
    job = make_job(algorithm_json={"name": "random", "replicates": 2})
    assert make_trial(job, replicate=1).label == "search, seed 2"
