"""Options of the judge of a run: when it is created, judged again, ranked, and compared with a baseline."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tunix.api.exceptions import Conflict, InvalidInput
from tunix.evaluation.analysis.comparison import compare_with_baseline
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import evaluate_run
from tunix.evaluation.tests.compared import make_baseline, make_judged_run
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.models import TunixRun
from tunix.runs.services import create_run
from tunix.runs.tests.factories import ASKED, make_run

pytestmark = pytest.mark.django_db

OPTIONS = {"absolute_tolerance": 0.5}
OWN = {"judge": "numeric_match", "judge_options": OPTIONS}
VERSION = "2 with absolute_tolerance=0.5"


def asked_of(run: TunixRun, **data: Any) -> dict[str, Any]:
    return evaluate_run(run=run, data=data, actor=None).judge_options


def test_a_run_is_created_with_them() -> None:
    make_run()  # brings the dataset and the model
    with pytest.raises(InvalidInput) as caught:
        create_run(data=ASKED | {"evaluation_json": {"judge": "rouge_l", "judge_options": OPTIONS}}, owner=None)
    answer = "The judge rouge_l has no options. absolute_tolerance is an option of numeric_match."
    assert caught.value.errors["evaluation_json.judge_options"] == [answer]


def test_a_run_that_is_judged_again_keeps_the_options_of_its_own_judge() -> None:
    run = make_run(evaluation=OWN)
    assert asked_of(run) == OPTIONS
    assert asked_of(run, judge="numeric_match", split="validation") == OPTIONS
    assert asked_of(run, judge="answer_correctness") == {}
    assert asked_of(run, judge_options={}) == {}
    assert asked_of(run, judge_options={"relative_tolerance": 0.1}) == {"relative_tolerance": 0.1}


def test_options_of_another_judge_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        asked_of(make_run(), judge="json_match", judge_options=OPTIONS)
    assert list(caught.value.errors) == ["judge_options.absolute_tolerance"]


def test_the_api_takes_and_shows_them(api: Any) -> None:
    answer = api.post(f"/api/runs/{make_run().pk}/evaluate", OWN)
    assert answer.status_code == 202, answer.json()
    assert answer.json()["judge_options"] == OPTIONS


def test_the_page_takes_them(web: Client) -> None:
    run = make_run()
    sent = {"judge": "numeric_match", "judge_options": json.dumps(OPTIONS), "split": "validation", "max_items": "8"}
    web.post(reverse("evaluation:run-evaluate", args=[run.pk]), sent)
    assert Evaluation.objects.get().judge_options == OPTIONS


@pytest.mark.parametrize("text", ["{", "[1]", "5", '{"absolute_tolerance": 1, "absolute_tolerance": 2}'])
def test_the_command_refuses_what_is_no_object(text: str) -> None:
    with pytest.raises(CommandError, match="--judge-options"):
        call_command("rejudge", str(make_run().pk), "--judge-options", text, stdout=StringIO())


def test_the_command_passes_them_on() -> None:
    with pytest.raises(CommandError, match=r"judge_options\.fields"):
        call_command("rejudge", str(make_run().pk), "--judge", "numeric_match", "--judge-options", '{"fields": ["a"]}')


def test_a_verdict_with_options_hides_none_without_on_the_leaderboard() -> None:
    ago = timezone.now() - timedelta(hours=1)
    run = make_run()
    make_evaluation(run, judge="numeric_match", judge_version="2", score_mean=0.3, created_at=ago)
    make_evaluation(run, judge="numeric_match", judge_version=VERSION, judge_options=OPTIONS, score_mean=0.6)
    old = {"judge_version": "1 with absolute_tolerance=0.5", "judge_options": OPTIONS, "created_at": ago}
    make_evaluation(run, judge="numeric_match", score_mean=0.9, **old)
    places = Evaluation.objects.leaderboard().of_newest_judges()
    assert [(place.judge_version, place.rank) for place in places] == [(VERSION, 1), ("2", 1)]


def test_a_run_judged_by_other_options_is_not_compared_with_a_baseline() -> None:
    numeric = {"judge": "numeric_match", "judge_version": VERSION, "judge_options": OPTIONS}
    theirs = make_judged_run([1.0] * 20, run=make_run(evaluation=OWN), **numeric)
    baseline = make_baseline(run=theirs)
    assert baseline.judge_version == VERSION
    ours = make_judged_run([1.0] * 20, judge="numeric_match", judge_version="2")
    with pytest.raises(Conflict, match="Rejudge it with the judge of the baseline and its options"):
        compare_with_baseline(baseline=baseline, run=ours)
