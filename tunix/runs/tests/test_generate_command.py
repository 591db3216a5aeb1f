"""`manage.py generate`, apart from the answering."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.runs.models import Generation

from .checkpoints import make_promotable_run
from .factories import answer_of, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the generation end with these columns."""

    def ends(**columns: Any) -> None:
        def run_in_foreground(generation: Generation, **options: Any) -> None:
            Generation.objects.filter(pk=generation.pk).update(**columns)
            generation.refresh_from_db()

        monkeypatch.setattr("tunix.runs.management.commands.generate.run_in_foreground", run_in_foreground)

    return ends


def test_the_answer_alone_is_printed(ends: Any, capsys: Any) -> None:
    run = make_promotable_run()
    ends(status="completed", answers_json=[answer_of(run, "2")])

    call_command("generate", run.run_id, "1+1=", "--max-new-tokens", "5", "--temperature", "0.5")

    assert capsys.readouterr().out == "2\n"
    asked = Generation.objects.get()
    assert (asked.prompt, asked.max_new_tokens, asked.temperature) == ("1+1=", 5, 0.5)


def test_two_answers_are_printed_below_their_runs(ends: Any, capsys: Any) -> None:
    run, other = make_promotable_run(), make_promotable_run()
    ends(status="completed", answers_json=[answer_of(run, "2", truncated=True), answer_of(other, "3")])

    call_command("generate", run.run_id, "1+1=", "--against", other.run_id)

    first, second = capsys.readouterr().out.split(f"--- run {other.pk}\n")
    assert first == f"--- run {run.pk}\n2\n(truncated: it did not end within --max-new-tokens)\n"
    assert second == "3\n"


def test_the_summary_is_one_json_object(ends: Any, capsys: Any) -> None:
    run = make_promotable_run()
    ends(status="completed", answers_json=[answer_of(run, "2")])

    call_command("generate", run.run_id, "1+1=", "--json")

    assert json.loads(capsys.readouterr().out)["answers"][0]["text"] == "2"


def test_a_failure_is_the_exit_code(ends: Any, capsys: Any) -> None:
    ends(status="failed", error="The machine is out of memory.")

    with pytest.raises(SystemExit, match="1"):
        call_command("generate", make_promotable_run().run_id, "1+1=")

    assert capsys.readouterr().out == "failed: The machine is out of memory.\n"


def test_a_run_without_a_checkpoint_is_refused() -> None:
    with pytest.raises(CommandError, match=r"The checkpoint of run .* is gone"):
        call_command("generate", make_run().run_id, "1+1=")
