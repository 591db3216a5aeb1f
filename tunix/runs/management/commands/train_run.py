"""`manage.py train_run`: one run from a file, in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.runs.choices import RunStatus
from tunix.runs.definition_files import DefinitionError, load_definition
from tunix.runs.following import follow
from tunix.runs.models import TunixRun
from tunix.runs.services import create_run
from tunix.work.foreground import migrate_empty_database

EXIT_CODES = {RunStatus.COMPLETED: 0, RunStatus.CANCELED: 130}


class Command(BaseCommand):
    """Creates a run and supervises it, with a line that says how far it is. Ctrl-C cancels."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Train and judge one run described by a JSON or YAML file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the run, as for POST /api/runs")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        migrate_empty_database(self)
        try:
            run = create_run(data=load_definition(options["file"]), owner=None, dispatched=False)
        except (ServiceError, DefinitionError) as error:
            raise CommandError(in_words(error)) from error
        self.stderr.write(f"Run {run.pk}")
        follow(run, self.stderr.write)
        self.stdout.write(json.dumps(_summary_of(run)) if options["json"] else _report_on(run))
        if code := EXIT_CODES.get(RunStatus(run.status), 1):
            raise SystemExit(code)


def _report_on(run: TunixRun) -> str:
    lines = [f"{run.get_status_display()}: run {run.pk}"]
    if run.error:
        lines.append(f"  {run.reason}: {run.error}")
    lines += [f"  {name} {value:.4g}" for name, value in sorted(run.metrics_json.items())]
    return "\n".join([*lines, f"  {run.work_dir()}"])


def _summary_of(run: TunixRun) -> dict[str, Any]:
    """What --json prints."""
    return {
        "run_id": run.run_id,
        "status": run.status,
        "reason": run.reason,
        "error": run.error,
        "metrics": run.metrics_json,
        "output_dir": str(run.work_dir()),
    }
