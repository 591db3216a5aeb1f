"""`manage.py export_run`: the model of a run as folders that transformers, PEFT and vLLM load."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import ServiceError, in_words
from tunix.runs.base_models.serving import comparison
from tunix.runs.exporting import Export, export_run
from tunix.runs.following import run_named


class Command(BaseCommand):
    """Writes a merged model and an adapter, and compares the merged model with the run."""

    requires_system_checks = ["settings"]  # all checks would load the whole site first
    help = "Export the model of a completed run: merged with its base, and as an adapter of PEFT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", metavar="RUN", help="id of a completed run whose base model is a folder")
        parser.add_argument("--to", type=Path, metavar="DIR", help="default: artifacts/exports/<run id>")
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--merged", action="store_true", help="only DIR/merged")
        only.add_argument("--adapter", action="store_true", help="only DIR/adapter")
        parser.add_argument("--float32", action="store_true", help="merged weights as float32, not in the base's type")
        parser.add_argument("--no-check", action="store_true", help="do not load the merged model again and compare it")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = run_named(options["run"])
            found = export_run(
                run=run,
                target=options["to"],
                merged=not options["adapter"],
                adapter=not options["merged"],
                float32=options["float32"],
                checked=not options["no_check"],
            )
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        except OSError as error:
            raise CommandError(f"The folder cannot be written: {error.strerror or error}.") from error
        record_act(Act.EXPORTED, run, kind=AuditKind.RUN, actor=None)
        self.stdout.write(json.dumps(_summary_of(found)) if options["json"] else _report_on(found))
        if "error" in found.check:
            raise SystemExit(1)


def _report_on(found: Export) -> str:
    folders = [f"{name}  {folder}" for name, folder in _folders(found).items()]
    compared = [comparison(found.check)] if found.merged else []
    return "\n".join([*folders, *compared, *found.commands])


def _summary_of(found: Export) -> dict[str, Any]:
    """The output of --json."""
    return {**_folders(found), "commands": found.commands, "check": dict(found.check)}


def _folders(found: Export) -> dict[str, str]:
    both = {"merged": found.merged, "adapter": found.adapter}
    return {name: str(folder) for name, folder in both.items() if folder}
