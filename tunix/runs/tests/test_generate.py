"""Sending a prompt to the model of a run: what is checked, how much a user may send, and what expires."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tunix.access.tests.factories import make_member
from tunix.api.exceptions import Conflict, InvalidInput, OverQuota
from tunix.runs.choices import RunStatus
from tunix.runs.generations import MAX_ACTIVE, MAX_PER_MINUTE, cancel_generation, generate
from tunix.runs.models import KEPT, Generation
from tunix.work.reconciler import Reconciler

from .checkpoints import make_promotable_run
from .factories import make_generation, make_run

pytestmark = pytest.mark.django_db


def ask(run: Any = None, actor: Any = None, **data: Any) -> Generation:
    return generate(run=run or make_promotable_run(), data={"prompt": "1+1="} | data, actor=actor)


def test_only_the_prompt_is_required() -> None:
    run = make_promotable_run(evaluation={"max_new_tokens": 7})

    generation = ask(run)

    assert (generation.run, generation.against, generation.status) == (run, None, "pending")
    assert (generation.max_new_tokens, generation.temperature, generation.seed) == (7, 0.0, 0)


def test_two_runs_can_answer_side_by_side() -> None:
    other = make_promotable_run()

    assert ask(against=other.run_id).runs()[1] == other


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"prompt": " "}, "prompt", "May not be blank."),
        ({"prompt": "x" * 20_001}, "prompt", "Must have at most 20000 characters."),
        ({"max_new_tokens": 1025}, "max_new_tokens", "Must be a whole number from 1 to 1,024."),
        ({"temperature": 5.5}, "temperature", "Must be from 0 to 5."),
        ({"against": "nobody"}, "against", "There is no run with this id."),
        ({"tokens": 3}, "tokens", "Unknown field."),
    ],
)
def test_input_out_of_its_limits_is_refused(data: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(**data)

    assert refused.value.errors[field][0].startswith(message)


def test_a_run_is_not_compared_with_itself() -> None:
    run = make_promotable_run()

    with pytest.raises(InvalidInput, match="This is the run itself"):
        ask(run, against=run.run_id)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FAILED])
def test_only_a_completed_run_answers(status: RunStatus) -> None:
    with pytest.raises(Conflict, match=f"is {status.label}"):
        ask(make_run(status=status))


def test_both_runs_need_their_checkpoints() -> None:
    without = make_run()

    with pytest.raises(Conflict, match=f"The checkpoint of run {without.pk} is gone"):
        ask(against=without.run_id)


def test_a_user_waits_until_earlier_prompts_are_answered() -> None:
    run, person = make_promotable_run(), make_member("operator")
    for _ in range(MAX_ACTIVE):
        ask(run, person)

    with pytest.raises(OverQuota, match="queued and running generations"):
        ask(run, person)
    assert ask(run, make_member("operator", username="other"))


def test_prompts_per_minute_are_limited() -> None:
    run, person = make_promotable_run(), make_member("operator")
    for _ in range(MAX_PER_MINUTE):
        make_generation(run, owner=person, status="completed")

    with pytest.raises(OverQuota, match="10 prompts per minute"):
        ask(run, person)


def test_prompts_and_answers_expire() -> None:
    run = make_promotable_run()
    old = make_generation(run, status="completed", created_at=timezone.now() - KEPT)
    live = make_generation(run, status="running", created_at=timezone.now() - KEPT)
    new = make_generation(run, status="completed", created_at=timezone.now() - KEPT + timedelta(minutes=5))
    old.work_dir().mkdir(parents=True)

    assert list(Generation.objects.current()) == [new]
    ask(run)

    assert not Generation.objects.filter(pk=old.pk).exists()
    assert not old.work_dir().exists()
    assert Generation.objects.filter(pk__in=[live.pk, new.pk]).count() == 2


def test_the_reconciler_removes_what_has_expired() -> None:
    old = make_generation(make_run(), status="completed", created_at=timezone.now() - KEPT)
    old.work_dir().mkdir(parents=True)

    Reconciler().run_once()

    assert not Generation.objects.exists() and not old.work_dir().exists()


def test_a_waiting_prompt_is_canceled_at_once() -> None:
    assert cancel_generation(ask()).status == "canceled"


def test_an_answered_prompt_is_not_canceled() -> None:
    with pytest.raises(Conflict, match="is completed; there is nothing to cancel"):
        cancel_generation(make_generation(make_run(), status="completed"))
