"""The pages of evaluations, the leaderboard, and judging again."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tunix.evaluation.models import Evaluation
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.choices import RunStatus
from tunix.runs.tests.factories import make_run, write_lines

AGAIN = {"judge": "numeric_match", "split": "validation", "max_items": "64"}


def test_the_list_links_to_run_and_verdict(web: Client) -> None:
    evaluation = make_evaluation()
    page = web.get(reverse("evaluation:evaluation-list")).content.decode()
    assert evaluation.get_absolute_url() in page
    assert evaluation.run.get_absolute_url() in page


def test_the_leaderboard_has_the_best_on_top(web: Client) -> None:
    make_evaluation(make_run(name="second"), score_mean=0.25)
    make_evaluation(make_run(name="first"), score_mean=0.75)
    rows = web.get(reverse("evaluation:leaderboard")).context["page_obj"]
    assert [(row.rank, row.run.name) for row in rows] == [(1, "first"), (2, "second")]


def test_the_leaderboard_can_be_filtered(web: Client) -> None:
    make_evaluation(judge="numeric_match")
    rows = web.get(reverse("evaluation:leaderboard"), {"judge": "answer_correctness"}).context["page_obj"]
    assert not list(rows)


def test_the_number_of_queries_does_not_grow(web: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        make_evaluation()
    with django_assert_max_num_queries(9):
        web.get(reverse("evaluation:leaderboard"))


def test_a_verdict_shows_the_rows_it_is_about(web: Client) -> None:
    evaluation = make_evaluation()
    evaluation.run.work_dir().mkdir(parents=True)
    row = {"index": 0, "prompt": "<i>1+1=</i>", "answer": "2", "prediction": "2", "truncated": False}
    write_lines(evaluation.run.work_dir() / "predictions.jsonl", [row])
    assert "&lt;i&gt;1+1=" in web.get(evaluation.get_absolute_url()).content.decode()


def test_judge_again_leads_to_the_new_verdict(web: Client) -> None:
    response = web.post(reverse("evaluation:run-evaluate", args=[make_run().pk]), AGAIN)
    evaluation = Evaluation.objects.get()
    assert response["Location"] == evaluation.get_absolute_url()
    assert (evaluation.judge, evaluation.max_items) == ("numeric_match", 64)


def test_a_run_that_failed_is_not_judged(web: Client) -> None:
    run = make_run(status=RunStatus.FAILED)
    response = web.post(reverse("evaluation:run-evaluate", args=[run.pk]), AGAIN)
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["error"]
    assert not Evaluation.objects.exists()


def test_wrong_input_is_told_on_the_page_of_the_run(web: Client) -> None:
    run = make_run()
    response = web.post(reverse("evaluation:run-evaluate", args=[run.pk]), AGAIN | {"judge": "nobody"})
    assert response["Location"] == run.get_absolute_url() + "?tab=evaluations"
    assert "Judge:" in str(next(iter(get_messages(response.wsgi_request))))


def test_too_many_rows_are_refused_by_the_name_of_the_field(web: Client) -> None:
    data = AGAIN | {"max_items": "99999999"}
    response = web.post(reverse("evaluation:run-evaluate", args=[make_run().pk]), data)
    assert "Max rows: Ensure this value" in str(next(iter(get_messages(response.wsgi_request))))


def test_a_verdict_that_is_awaited_loads_itself_again(web: Client) -> None:
    waiting = make_evaluation(status="pending", own_lease=True, score_mean=None, dispatched_at=timezone.now())
    page = web.get(waiting.get_absolute_url()).content.decode()
    assert 'hx-select="#evaluation"' in page and "Waiting for a worker" in page
    ended = web.get(make_evaluation().get_absolute_url()).content.decode()
    assert 'id="evaluation"' in ended and "hx-select" not in ended


def test_judging_again_needs_a_post(web: Client) -> None:
    assert web.get(reverse("evaluation:run-evaluate", args=[make_run().pk])).status_code == 405


def test_judging_again_is_offered_on_the_page_of_the_run(web: Client) -> None:
    run = make_run()
    page = web.get(run.get_absolute_url(), {"tab": "evaluations"}).content.decode()
    assert reverse("evaluation:run-evaluate", args=[run.pk]) in page


def test_the_admin_cancels_an_evaluation(web: Client) -> None:
    evaluation = make_evaluation(status="pending", own_lease=True)
    web.post(
        reverse("admin:evaluation_evaluation_changelist"), {"action": "cancel", "_selected_action": [evaluation.pk]}
    )
    evaluation.refresh_from_db()
    assert evaluation.status == "canceled"
