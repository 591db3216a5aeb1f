"""Asking for a run to be judged again, and cancelling that."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import Conflict, InvalidInput
from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import cancel_evaluation, evaluate_run
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.choices import RunStatus
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db


def test_evaluation_waits_for_a_worker(user: Any) -> None:
    evaluation = evaluate_run(run=make_run(project="nlp"), data={"judge": "numeric_match"}, actor=user)
    assert (evaluation.status, evaluation.judge, evaluation.owner) == ("pending", "numeric_match", user)
    assert (evaluation.project, evaluation.own_lease) == ("nlp", True)


def test_what_is_left_out_is_as_the_run_was_judged() -> None:
    run = make_run(evaluation={"max_items": 10, "max_new_tokens": 5, "split": "train"})
    evaluation = evaluate_run(run=run, data={"judge": "numeric_match"}, actor=None)
    assert (evaluation.max_items, evaluation.max_new_tokens, evaluation.split) == (10, 5, "train")


def test_worker_is_woken_on_commit(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        evaluation = evaluate_run(run=make_run(), data={}, actor=None)
    assert sent_tasks == [("tunix.evaluation.run_evaluation", [str(evaluation.pk)])]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"judge": "numeric"}, "judge"),
        ({"split": "dev"}, "split"),
        ({"split": "test"}, "split"),  # the dataset has none
        ({"max_items": 0}, "max_items"),
        ({"max_new_tokens": "8"}, "max_new_tokens"),
        ({"jugde": "numeric_match"}, "jugde"),
        ([], "non_field_errors"),
    ],
)
def test_fault_is_named_by_its_path(data: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        evaluate_run(run=make_run(), data=data, actor=None)
    assert list(caught.value.errors) == [path]
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("status", [s for s in RunStatus if s != RunStatus.COMPLETED])
def test_only_completed_runs_are_judged(status: RunStatus) -> None:
    with pytest.raises(Conflict, match="Only a completed run"):
        evaluate_run(run=make_run(status=status), data={}, actor=None)


@pytest.mark.parametrize(("status", "after"), [("pending", "canceled"), ("canceled", "canceled")])
def test_cancel_now(status: str, after: str) -> None:
    evaluation = make_evaluation(own_lease=True, status=status)
    assert cancel_evaluation(evaluation=evaluation, actor=None).status == after


def test_cancel_asks_a_running_one_to_stop() -> None:
    evaluation = make_evaluation(own_lease=True, status=EvaluationStatus.RUNNING)
    assert cancel_evaluation(evaluation=evaluation, actor=None).is_canceling


def test_cancel_of_a_verdict_is_refused() -> None:
    with pytest.raises(Conflict, match="nothing to cancel"):
        cancel_evaluation(evaluation=make_evaluation(), actor=None)
