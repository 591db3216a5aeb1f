"""Different answers that the default judge takes for the same are named when a dataset is imported."""

from __future__ import annotations

from io import StringIO
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.datasets.importing.equal_answers import EqualAnswers
from tunix.datasets.models import Dataset
from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.spec import EvaluationSpec

from .making import import_train, jsonl

SENTENCE = "answer_correctness takes different answers for the same: 'Yes' = 'yes.'"
ROWS = jsonl([("one", "Yes"), ("two", "no"), ("three", "yes."), ("four", "Yes")])

texts = st.text("aAbB+-. ?é\N{COMBINING ACUTE ACCENT}e", min_size=1, max_size=3).filter(str.strip)


def found_in(answers: list[str]) -> EqualAnswers:
    found = EqualAnswers()
    for answer in answers:
        found.add(answer)
    return found


def are_equal(one: str, other: str) -> bool:
    (judgement,) = JUDGES["answer_correctness"].judge([JudgeItem("?", one, other)])
    return getattr(judgement, "score", judgement) == 1.0


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(texts, max_size=8))
def test_no_answers_are_equal_by_accident_without_a_warning(answers: list[str]) -> None:
    distinct = set(answers)
    merged = {one for one, other in permutations(distinct, 2) if are_equal(one, other)}
    found = found_in(answers)
    assert found.report()["answers"] == len(merged)
    assert bool(list(found.warnings())) == bool(merged)
    assert {text for group in found.report()["examples"] for text in group} == merged


@pytest.mark.parametrize(
    "answers",
    [
        ["+", "-", "?", "."],
        ["A", "A+", "A-", "A*"],
        ["C", "C++", "C#"],
        ["1.5", "15", "-15"],
        ["...", "..", "."],
        ["10²", "102"],
    ],
)
def test_signs_make_different_answers(answers: list[str]) -> None:
    assert list(found_in(answers).warnings()) == []


@pytest.mark.parametrize("answers", [["Yes", "yes"], ["Paris", "Paris."], ["a  b", "a b"], ["Straße", "STRASSE"]])
def test_what_the_judge_ignores_is_named(answers: list[str]) -> None:
    (text,) = found_in(answers).warnings()
    assert " = ".join(map(repr, answers)) in text


def test_the_same_answer_again_is_no_other_answer() -> None:
    assert list(found_in(["yes"] * 5).warnings()) == []


def test_many_groups_are_counted_and_the_first_are_named() -> None:
    answers = [text for number in range(8) for text in (f"Answer {number}", f"answer {number}.")]
    found = found_in(answers)
    assert (found.report()["groups"], found.report()["answers"], len(found.report()["examples"])) == (8, 16, 5)
    (text,) = found.warnings()
    assert "8 groups of different answers" in text
    assert text.count(" = ") == 5


def test_the_judge_is_that_of_a_job_that_names_none() -> None:
    assert EqualAnswers().judge == EvaluationSpec().judge


@pytest.mark.django_db
def test_the_manifest_names_them() -> None:
    manifest = import_train(ROWS).manifest_json
    assert manifest["equal_answers"] == {
        "judge": "answer_correctness",
        "judge_version": JUDGES["answer_correctness"].version,
        "groups": 1,
        "answers": 2,
        "examples": [["Yes", "yes."]],
    }
    assert any(SENTENCE in text for text in manifest["warnings"])


@pytest.mark.django_db
def test_the_command_names_them(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.jsonl", StringIO()
    path.write_bytes(ROWS)
    call_command("import_dataset", "tiny", train=path, validation_fraction=0, test_fraction=0, stdout=out)
    assert SENTENCE in out.getvalue()


@pytest.mark.django_db
def test_the_api_names_them(api: Any) -> None:
    data = {
        "key": "tiny",
        "train": SimpleUploadedFile("train.jsonl", ROWS),
        "validation_fraction": "0",
        "test_fraction": "0",
    }
    answer = api.post("/api/datasets", data, format="multipart")
    assert any(SENTENCE in text for text in answer.json()["manifest_json"]["warnings"])


@pytest.mark.django_db
def test_the_page_names_them(web: Client) -> None:
    dataset: Dataset = import_train(ROWS)
    page = web.get(reverse("datasets:dataset-detail", args=[dataset.key])).content.decode()
    assert "takes different answers for the same: &#x27;Yes&#x27; = &#x27;yes.&#x27;" in page
