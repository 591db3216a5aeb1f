"""Creating a run is refused when the judge cannot read the answers of its rows."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.tests.making import import_train
from tunix.pipeline.judges import JUDGES
from tunix.runs.services import create_run
from tunix.runs.tests.factories import ASKED

pytestmark = pytest.mark.django_db


def asked(judge: str, *answers: str) -> dict[str, object]:
    rows = "".join(f"prompt,{answer}\n" for answer in answers)
    dataset = import_train(f"prompt,answer\n{rows}".encode(), "train.csv", key="answers")
    return ASKED | {"dataset_key": dataset.key, "evaluation_json": {"judge": judge, "split": "train"}}


@pytest.mark.parametrize("judge", ["numeric_match", "choice_match", "regex_match", "json_match"])
@pytest.mark.parametrize("answers", [["+yes", "+no"], ["*5", "*6"], ["+ 1 km", "?"]])
def test_a_run_is_refused(judge: str, answers: list[str]) -> None:
    with pytest.raises(InvalidInput, match=f"{judge} cannot read 2 of the 2 answers of the train rows of answers"):
        create_run(data=asked(judge, *answers), owner=None)


@pytest.mark.parametrize("answers", [["7", "8"], ["1e-5", "3/4"], ["-5", "$3"]])
def test_a_run_whose_answers_are_numbers_is_created(answers: list[str]) -> None:
    assert create_run(data=asked("numeric_match", *answers), owner=None).spec.evaluation.judge == "numeric_match"


def test_every_answer_is_text_for_the_default_judge() -> None:
    assert create_run(data=asked("answer_correctness", "+", "-", "."), owner=None)
    assert JUDGES["answer_correctness"].version == "2"
