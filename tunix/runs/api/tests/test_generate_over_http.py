"""Prompts to the models of runs, over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tunix.runs.models import KEPT, Generation
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import answer_of, make_generation, make_run


def test_the_answer_is_at_the_location(api: Any) -> None:
    run = make_promotable_run()

    sent = api.post(f"/api/runs/{run.pk}/generate", {"prompt": "1+1=", "max_new_tokens": 5})
    assert (sent.status_code, sent.data["status"], sent.data["answers"]) == (202, "pending", [])
    Generation.objects.update(status="completed", answers_json=[answer_of(run, "2")])

    found = api.get(sent["Location"]).data
    assert (found["status"], found["answers"][0]["text"], found["max_new_tokens"]) == ("completed", "2", 5)


def test_faults_are_named_by_field(api: Any) -> None:
    answer = api.post(f"/api/runs/{make_promotable_run().pk}/generate", {"against": "me"})

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"prompt", "against"})


def test_a_run_without_a_checkpoint_is_a_conflict(api: Any) -> None:
    assert api.post(f"/api/runs/{make_run().pk}/generate", {"prompt": "1+1="}).status_code == 409


def test_a_generation_is_canceled(api: Any) -> None:
    generation = make_generation(make_promotable_run())

    answer = api.post(f"/api/generations/{generation.pk}/cancel")

    assert (answer.status_code, answer.data["status"]) == (200, "canceled")


def test_an_expired_generation_is_not_found(api: Any) -> None:
    old = make_generation(make_run(), status="completed", created_at=timezone.now() - KEPT)

    assert api.get(f"/api/generations/{old.pk}").status_code == 404
