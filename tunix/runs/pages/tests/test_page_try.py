"""The tab *Try it* of a run."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tunix.access.tests.factories import make_member
from tunix.runs.models import Generation, TunixRun
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import answer_of, make_generation, make_run


def tab(client: Client, run: TunixRun) -> str:
    return client.get(run.get_absolute_url(), {"tab": "try"}).content.decode()


def send(client: Client, run: TunixRun, **data: Any) -> HttpResponse:
    return client.post(reverse("runs:run-generate", args=[run.pk]), {"prompt": "1+1="} | data, follow=True)


def test_a_prompt_is_sent_and_waits(web: Client) -> None:
    run, other = make_promotable_run(), make_promotable_run(name="rival")

    page = send(web, run, against=other.run_id, max_new_tokens="5", temperature="0.5", seed="3").content.decode()

    asked = Generation.objects.get()
    assert (asked.run, asked.against, asked.prompt) == (run, other, "1+1=")
    assert (asked.max_new_tokens, asked.temperature, asked.seed) == (5, 0.5, 3)
    assert "A free worker will find it" in page and "hx-get" in page and "rival" in page


def test_empty_fields_have_the_values_of_the_run(web: Client) -> None:
    send(web, make_promotable_run(evaluation={"max_new_tokens": 7}), max_new_tokens="", temperature="", seed="")

    assert (asked := Generation.objects.get()).max_new_tokens == 7 and asked.temperature == 0


def test_a_refusal_is_shown_on_the_tab(web: Client) -> None:
    answer = send(web, make_promotable_run(), max_new_tokens="5000")

    assert "Max new tokens: Ensure this value is less than or equal to 1024." in answer.content.decode()


def test_a_refused_prompt_stays_in_the_form(web: Client) -> None:
    run = make_promotable_run()
    wrong = send(web, run, prompt="a long story", max_new_tokens="5000").content.decode()
    (run.work_dir() / "checkpoint" / "model.json").unlink()
    gone = send(web, run, prompt="a long story").content.decode()

    assert "a long story</textarea>" in wrong and 'value="5000"' in wrong
    assert "a long story</textarea>" in gone and "Reproduce the run to train it again." in gone
    assert f'href="{run.get_absolute_url()}?tab=log"' in gone


def test_a_run_with_longer_answers_offers_the_most_that_is_allowed(web: Client) -> None:
    page = tab(web, make_promotable_run(evaluation={"max_new_tokens": 2048}))

    assert 'name="max_new_tokens" value="1024"' in page


def test_answers_are_hidden_from_those_who_may_not_view_them(client: Client, db: None) -> None:
    person = make_member("viewer")
    person.groups.clear()
    person.user_permissions.add(Permission.objects.get(codename="view_tunixrun"))
    client.force_login(person)
    run = make_promotable_run()
    make_generation(run, status="completed", answers_json=[answer_of(run, "it is 2")])

    page = tab(client, run)

    assert "it is 2" not in page and "You have no permission to view prompts and answers." in page


def test_answers_stand_side_by_side_and_are_escaped(web: Client) -> None:
    run, other = make_promotable_run(name="mine"), make_promotable_run(name="rival")
    answers = [answer_of(run, "<b>2</b>", truncated=True), answer_of(other, error="The checkpoint is gone.")]
    make_generation(run, against=other, status="completed", answers_json=answers)

    page = tab(web, run)

    assert "&lt;b&gt;2&lt;/b&gt;" in page and "truncated" in page
    assert "The checkpoint is gone." in page
    assert 'hx-trigger="every 2s"' not in page.partition('id="answers"')[2]


def test_polling_ends_with_the_answer(web: Client) -> None:
    run = make_promotable_run()
    address = reverse("runs:run-answers", args=[run.pk])
    generation = make_generation(run)
    assert web.get(address).status_code == 200

    Generation.objects.filter(pk=generation.pk).update(status="completed", answers_json=[answer_of(run)])

    assert web.get(address).status_code == 286


def test_a_failed_generation_says_why(web: Client) -> None:
    run = make_promotable_run()
    make_generation(run, status="failed", reason="lost", error="It was started 4 times without progress.")

    assert "It was started 4 times without progress." in tab(web, run)


def test_the_button_says_why_it_is_disabled(web: Client) -> None:
    assert "The checkpoint of run" in tab(web, make_run())


def test_a_viewer_sees_answers_and_sends_nothing(client: Client, db: None) -> None:
    client.force_login(make_member("viewer"))
    run = make_promotable_run()
    make_generation(run, status="completed", answers_json=[answer_of(run, "it is 2")])

    page = tab(client, run)

    assert "it is 2" in page and "You have no permission to send prompts to models." in page


def test_a_waiting_prompt_is_canceled(web: Client) -> None:
    generation = make_generation(make_promotable_run())

    web.post(reverse("runs:generation-cancel", args=[generation.pk]))

    generation.refresh_from_db()
    assert generation.status == "canceled"
