"""`manage.py generate`: sends a prompt to the model of a run, in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import Conflict, ServiceError, in_words
from tunix.runs.choices import GenerationStatus
from tunix.runs.following import run_named
from tunix.runs.generations import GENERATION_FIELDS, cancel_generation, generate
from tunix.runs.models import Generation
from tunix.work.foreground import run_in_foreground

EXIT_CODES = {GenerationStatus.COMPLETED: 0, GenerationStatus.CANCELED: 130}


class Command(BaseCommand):
    """Answers in a child process, as a worker would. Ctrl-C cancels."""

    requires_system_checks = ["settings"]  # all checks would load the whole site first
    help = "Send a prompt to the model of a run, in the way in which the run was evaluated, and print the answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="id of a completed run")
        parser.add_argument("prompt", help="the text, which is written into the run's template")
        parser.add_argument("--against", metavar="RUN", help="another run that answers as well")
        parser.add_argument("--max-new-tokens", type=int, help="default: that of the run's evaluation")
        parser.add_argument("--temperature", type=float, help="default: 0, the most likely token each time")
        parser.add_argument("--seed", type=int, help="of a temperature above 0; default: 0")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        data = {name: options[name] for name in GENERATION_FIELDS if options[name] is not None}
        try:
            generation = generate(run=run_named(options["run"]), data=data, actor=None, dispatched=False)
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        run_in_foreground(
            generation,
            on_poll=lambda: None,
            cancel=lambda: _cancel(generation),
            say=self.stderr.write,
        )
        self.stdout.write(json.dumps(_summary_of(generation)) if options["json"] else _report_on(generation))
        if code := EXIT_CODES.get(GenerationStatus(generation.status), 1):
            raise SystemExit(code)


def _cancel(generation: Generation) -> None:
    try:
        cancel_generation(generation)
    except Conflict:
        pass  # it has ended in the meantime


def _report_on(generation: Generation) -> str:
    """The answer alone, or each answer below the id of its run."""
    if not generation.answers_json:
        return f"{generation.get_status_display()}: {generation.error or 'there is no answer.'}"
    parts = []
    for answer in generation.answers_json:
        notes = [text for name, text in _NOTES.items() if answer[name]]
        lines = [answer["error"] or answer["text"], *notes]
        heading = [f"--- run {answer['run_id']}"] if generation.against_id else []
        parts.append("\n".join([*heading, *lines]))
    return "\n".join(parts)


_NOTES = {
    "truncated": "(truncated: it did not end within --max-new-tokens)",
    "prompt_cut": "(the prompt was longer than max_seq_length and lost its beginning)",
}


def _summary_of(generation: Generation) -> dict[str, Any]:
    """The output of --json."""
    names = ("status", "reason", "error", "prompt", "max_new_tokens", "temperature", "seed")
    return {"run_id": str(generation.run_id), "answers": generation.answers_json} | {
        name: getattr(generation, name) for name in names
    }
