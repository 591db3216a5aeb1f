"""Rejudging a run is refused when the judge cannot read the answers of its rows."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.tests.making import import_train
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import evaluate_run
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db

REASON = "numeric_match cannot read 2 of the 2 answers of the train rows of words"


def run_on_words() -> TunixRun:
    dataset = import_train(b"prompt,answer\none,yes\ntwo,no\n", "train.csv", key="words")
    return make_run(dataset=dataset, evaluation={"split": "train"})


def test_rejudging_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        evaluate_run(run=run_on_words(), data={"judge": "numeric_match"}, actor=None)
    assert caught.value.errors["judge"][0].startswith(REASON)
    assert not Evaluation.objects.exists()


def test_the_api_says_why(api: Any) -> None:
    answer = api.post(f"/api/runs/{run_on_words().pk}/evaluate", {"judge": "numeric_match"})
    assert answer.status_code == 400
    assert answer.json()["errors"]["judge"][0].startswith(REASON)


def test_a_judge_that_reads_them_is_accepted() -> None:
    assert evaluate_run(run=run_on_words(), data={"judge": "regex_match"}, actor=None).judge == "regex_match"
