"""A job that chooses among labels by likelihood: mistakes are named when it is created, or by its check."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput

from ..check import check_job
from .added_jobs import import_rows, job_on, questions

pytestmark = pytest.mark.django_db

CHOOSES: dict[str, Any] = {"judge": "choice_match", "judge_options": {"decode": "likelihood"}}


def test_a_dataset_without_labels_is_refused() -> None:
    free = [(f"say {n}", f"answer {n}") for n in range(40)]
    data = import_rows("free", free, [("say 99", "answer 1")])

    with pytest.raises(InvalidInput, match="have 40 different answers"):
        job_on(data, evaluation_json=CHOOSES)


def test_a_judge_that_does_not_choose_is_refused() -> None:
    data = import_rows("labels", questions("train"), questions("validation"))

    with pytest.raises(InvalidInput, match="decode is an option of choice_match"):
        job_on(data, evaluation_json=CHOOSES | {"judge": "answer_correctness"})


def test_an_answer_that_is_no_label_is_named() -> None:
    data = import_rows("labels", questions("train"), [*questions("validation"), ("is 2.5 even", "neither")])

    found = check_job(job=job_on(data, evaluation_json=CHOOSES), needs_broker=False).findings

    (warning,) = (one for one in found if "With decode" in one.message)
    assert (warning.level, warning.about) == ("warning", "evaluation_json.judge")
    assert "1 of 13 validation rows" in warning.message and "'neither'" in warning.message
