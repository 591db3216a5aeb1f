"""The noise of a judge is kept with the verdict whose outputs it judged twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tunix.evaluation.models import Evaluation
from tunix.evaluation.recording import record_verdict
from tunix.pipeline.spec import JudgeVerdict
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db


def evaluated(second: list[float | None] | None) -> Evaluation:
    verdict: dict[str, Any] = {"judge": "gemma", "judge_version": "1", "split": "validation", "items": 2}
    scores = {"score_mean": 0.5, "item_scores": [0.0, 1.0], "second_scores": second}
    return record_verdict(run=make_run(), verdict=JudgeVerdict(**verdict, **scores))


@pytest.mark.parametrize(
    ("second", "noise"),
    [([0.0, 1.0], 0.0), ([1.0, 0.0], 0.5), ([None, 0.0], 0.7071), ([None, None], None), (None, None)],
)
def test_noise_of_two_judgings(second: list[float | None] | None, noise: float | None) -> None:
    expected = noise if noise is None else pytest.approx(noise, abs=1e-4)

    assert evaluated(second).judge_noise == expected


def test_the_page_shows_it_where_it_is_known(web: Client) -> None:
    known, unknown = evaluated([1.0, 0.0]), evaluated(None)

    assert b"Judge noise" in web.get(known.get_absolute_url()).content
    assert b"Judge noise" not in web.get(unknown.get_absolute_url()).content
