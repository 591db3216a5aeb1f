"""The work of a generation, with a pipeline that takes no time."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from tunix.pipeline.answering import Answer
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.runs import generating
from tunix.runs.generating import run_generation
from tunix.runs.models import Generation, TunixRun

from .factories import make_generation, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each run answers by its name: a text, or an error."""
    found: dict[str, Any] = {}

    def answer(spec: Any, prompts: list[str], *, progress: Any, **options: Any) -> list[Answer]:
        progress(0)
        found["options"] = options
        said = found[TunixRun.objects.get(pk=spec.run_id).name]
        if isinstance(said, Exception):
            raise said
        return [Answer(said, truncated=False, prompt_cut=False) for _ in prompts]

    monkeypatch.setattr(generating, "answer", answer)
    return found


def work(generation: Generation, canceled: bool = False) -> Generation:
    """The generation after its runner has ended."""
    Generation.objects.filter(pk=generation.pk).update(status="running", epoch=1)
    keeper: Any = SimpleNamespace(cancel_event=threading.Event())
    if canceled:
        keeper.cancel_event.set()
    run_generation(str(generation.pk), 1, keeper)
    generation.refresh_from_db()
    return generation


def asked(**overrides: Any) -> Generation:
    return make_generation(make_run(name="one"), **overrides)


def test_the_answer_is_recorded(answers: dict[str, Any]) -> None:
    answers["one"] = "2"

    generation = work(asked(temperature=0.5, seed=3))

    assert (generation.status, [answer["text"] for answer in generation.answers_json]) == ("completed", ["2"])
    options = answers["options"]
    assert (options["max_new_tokens"], options["temperature"], options["seed"]) == (8, 0.5, 3)
    assert generation.finished_at is not None


def test_two_runs_answer_in_order(answers: dict[str, Any]) -> None:
    answers |= {"one": "2", "other": "3"}

    generation = work(asked(against=make_run(name="other")))

    assert [answer["text"] for answer in generation.answers_json] == ["2", "3"]
    assert [answer["run_id"] for answer in generation.answers_json] == [run.run_id for run in generation.runs()]


def test_one_run_answers_although_the_other_cannot(answers: dict[str, Any]) -> None:
    answers |= {"one": EvaluationUnavailable("The checkpoint is gone."), "other": "3"}

    generation = work(asked(against=make_run(name="other")))

    assert (generation.status, generation.error) == ("completed", "")
    assert [answer["error"] for answer in generation.answers_json] == ["The checkpoint is gone.", ""]


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        (EvaluationUnavailable("The checkpoint is gone."), "user_error", "The checkpoint is gone."),
        (MemoryError("no room"), "out_of_memory", "MemoryError: no room"),
        (RuntimeError("never \x00 seen"), "error", "RuntimeError: never \\x00 seen"),
    ],
)
def test_it_fails_if_no_run_can_answer(answers: dict[str, Any], error: Exception, reason: str, message: str) -> None:
    answers["one"] = error

    generation = work(asked())

    assert (generation.status, generation.reason, generation.error) == ("failed", reason, message)


def test_a_cancellation_reaches_the_pipeline(answers: dict[str, Any]) -> None:
    answers["one"] = "2"

    assert work(asked(), canceled=True).status == "canceled"


def test_text_that_a_database_refuses_is_escaped(answers: dict[str, Any]) -> None:
    answers["one"] = "a\x00b\ud800"

    assert work(asked()).answers_json[0]["text"] == "a\\x00b\\ud800"
