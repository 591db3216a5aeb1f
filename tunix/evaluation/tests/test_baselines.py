"""Naming a run as a baseline, naming another, forgetting the name."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.access.models import AuditEntry
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.evaluation.baselines import change_baseline, create_baseline, delete_baseline
from tunix.evaluation.models import Baseline
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run

from .compared import make_baseline, make_judged_run

pytestmark = pytest.mark.django_db


def test_a_baseline_means_the_verdict_that_the_run_brought_along(user: Any) -> None:
    run = make_judged_run([1.0, 0.0], judge_version="3")
    baseline = create_baseline(data={"name": "first", "run": str(run.pk)}, actor=user)

    assert (baseline.run, baseline.dataset, baseline.owner) == (run, run.dataset, user)
    assert (baseline.judge, baseline.judge_version, baseline.split) == ("answer_correctness", "3", "validation")


def test_another_judge_and_split_can_be_meant() -> None:
    run = make_judged_run([1.0], judge="numeric_match", split="test", judge_version="2")
    baseline = make_baseline(run=run, judge="numeric_match", split="test")

    assert (baseline.judge, baseline.judge_version, baseline.split) == ("numeric_match", "2", "test")


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({}, {"name", "run"}),
        ({"name": "a b", "run": "x"}, {"name", "run"}),
        ({"name": 1, "run": 1, "more": 1}, {"name", "run", "more"}),
        ({"name": "a", "run": "x", "judge": 1, "split": "none", "project": "!"}, {"run", "judge", "split", "project"}),
    ],
)
def test_every_fault_has_its_path(data: dict[str, Any], paths: set[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_baseline(data=data, actor=None)
    assert set(caught.value.errors) == paths


@pytest.mark.parametrize("data", [[], None, "x"])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInput):
        create_baseline(data=data, actor=None)


def test_a_run_without_that_verdict_is_refused() -> None:
    with pytest.raises(InvalidInput, match="run: ") as caught:
        make_baseline(run=make_run())
    assert "Evaluate the run first" in caught.value.errors["run"][0]


def test_a_name_is_taken_once() -> None:
    make_baseline()
    with pytest.raises(Conflict, match="'release-1' already"):
        make_baseline()


def test_another_run_is_put_under_the_name() -> None:
    baseline, run = make_baseline(), make_judged_run([1.0], judge_version="9")
    change_baseline(baseline=baseline, data={"run": str(run.pk)}, actor=None)

    baseline.refresh_from_db()
    assert (baseline.run, baseline.judge_version, baseline.name) == (run, "9", "release-1")


def test_a_new_name_changes_nothing_else() -> None:
    baseline = make_baseline()
    change_baseline(baseline=baseline, data={"name": "release-2"}, actor=None)

    assert Baseline.objects.get(name="release-2").run == baseline.run


def test_the_name_goes_and_the_run_stays(user: Any) -> None:
    baseline = make_baseline()
    delete_baseline(baseline=baseline, actor=user)

    assert (Baseline.objects.count(), TunixRun.objects.count()) == (0, 1)
    assert list(AuditEntry.objects.filter(subject_kind="baseline").values_list("act", flat=True)) == [
        "deleted",
        "created",
    ]
