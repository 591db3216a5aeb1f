"""Prompts are answered by a run's checkpoint as its rows were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.answering import answer
from tunix.pipeline.data.row_order import sample_of
from tunix.pipeline.failures import Canceled, EvaluationUnavailable
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, RunResult, RunSpec
from tunix.pipeline.stored_model import stored_model
from tunix.pipeline.tests.making import make_rows, make_spec, no_report, predictions_of

pytestmark = pytest.mark.slow

PROMPTS = [row.prompt for row in sample_of(make_rows(20, start=64), 8).rows]
"""Those of the validation rows that are judged, in their order."""


@pytest.fixture(scope="module")
def spec(letters: DatasetRef) -> RunSpec:
    return make_spec(letters, method="untuned")


@pytest.fixture(scope="module")
def result(artifacts: Path, spec: RunSpec) -> RunResult:
    return execute(spec, no_report, artifacts_dir=artifacts)


def test_answers_are_the_predictions_of_the_evaluation(artifacts: Path, spec: RunSpec, result: RunResult) -> None:
    found = answer(spec, PROMPTS, artifacts_dir=artifacts)

    assert [one.text for one in found] == predictions_of(artifacts, result)
    assert any(one.text for one in found)
    assert not any(one.prompt_cut for one in found)


@pytest.mark.usefixtures("result")
def test_a_prompt_that_is_longer_than_the_rows_may_be_is_cut(artifacts: Path, spec: RunSpec) -> None:
    short = spec.model_copy(update={"hyperparameters": {**spec.hyperparameters, "max_seq_length": 8}})

    fitting, longer = answer(short, ["a" * 4, "a" * 20], artifacts_dir=artifacts, max_new_tokens=4)

    assert (fitting.prompt_cut, longer.prompt_cut) == (False, True)


@pytest.mark.usefixtures("result")
def test_progress_can_cancel(artifacts: Path, spec: RunSpec) -> None:
    def cancel(done: int) -> None:
        raise Canceled

    with pytest.raises(Canceled):
        answer(spec, PROMPTS, artifacts_dir=artifacts, progress=cancel)


def test_a_run_without_a_checkpoint_cannot_answer(artifacts: Path, spec: RunSpec) -> None:
    with pytest.raises(EvaluationUnavailable, match="is gone"):
        answer(spec.model_copy(update={"run_id": "none"}), PROMPTS, artifacts_dir=artifacts)


@pytest.mark.usefixtures("result")
def test_a_built_in_model_answers_although_its_base_was_deleted(artifacts: Path, spec: RunSpec) -> None:
    orphan = spec.model_copy(update={"base_model_id": "promoted/gone@1"})

    assert stored_model(orphan, artifacts)
