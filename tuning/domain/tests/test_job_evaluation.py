"""How many rows trials are judged on, and the runs that prove the winner."""

from __future__ import annotations

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.job_evaluation import TEST_ITEMS, JobEvaluation
from tuning.domain.tests.factories import make_request
from tunix.pipeline.spec import EvaluationSpec

ASKED = {"judge": "chrf", "split": "validation", "max_items": 7, "max_new_tokens": 3, "temperature": 0.5, "samples": 2}


def test_proof_is_judged_as_the_trials_but_on_its_own_number_of_test_rows():
    evaluation = JobEvaluation.model_validate(ASKED | {"test_items": 900})
    assert evaluation.of_trials == EvaluationSpec.model_validate(ASKED)
    assert evaluation.of_proof == EvaluationSpec.model_validate(ASKED | {"split": "test", "max_items": 900})


def test_job_from_before_there_were_test_items_has_the_default():
    assert JobEvaluation.model_validate(ASKED).of_proof.max_items == TEST_ITEMS


@pytest.mark.parametrize("wrong", [0, 100_001, 1.5, "many"])
def test_test_items_have_the_limits_of_max_items(wrong):
    with pytest.raises(InvalidJob) as caught:
        JobDefinition.parse(make_request(evaluation_json={"test_items": wrong}))
    assert list(caught.value.errors) == ["evaluation_json.test_items"]
