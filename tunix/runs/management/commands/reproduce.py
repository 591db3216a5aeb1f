"""`manage.py reproduce`: reproduces a run in the foreground and reports the differences."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.pipeline.provenance.reproduction import Outcome
from tunix.runs.choices import RunStatus
from tunix.runs.following import follow, run_named
from tunix.runs.models import TunixRun
from tunix.runs.report_words import lines_of
from tunix.runs.reproducing import reproduce_run

IDENTICAL, DIFFERENT, COULD_NOT_RUN, CANCELED = 0, 1, 2, 130


class Command(BaseCommand):
    """Exit code 0: identical. 1: different. 2: the run could not be executed or compared. 130: canceled."""

    help = (
        "Reproduce a completed run and report the differences. Exit code 0: identical, 1: different, 2: could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="id of a completed run, single or of a trial")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        source = run_named(options["run"], returncode=COULD_NOT_RUN)
        try:
            run = reproduce_run(run=source, actor=None, dispatched=False)
        except ServiceError as error:
            raise CommandError(in_words(error), returncode=COULD_NOT_RUN) from error
        self.stderr.write(f"Run {run.pk} reproduces run {source.pk}")
        follow(run, self.stderr.write)
        if options["json"]:
            text = json.dumps(_summary_of(run))
        elif run.reproduction_json:
            text = "\n".join(lines_of(run.reproduction_json))
        else:
            text = f"{run.get_status_display()}: {run.error or 'there is no result to compare.'}"
        self.stdout.write(text)
        if code := _exit_code(run):
            raise SystemExit(code)


def _exit_code(run: TunixRun) -> int:
    if run.status == RunStatus.CANCELED:
        return CANCELED
    outcome = run.reproduction_json.get("outcome")
    if outcome in (None, Outcome.NOT_COMPARED):
        return COULD_NOT_RUN
    return IDENTICAL if outcome == Outcome.IDENTICAL else DIFFERENT


def _summary_of(run: TunixRun) -> dict[str, Any]:
    """The output of --json."""
    return {
        "run_id": run.run_id,
        "reproduces": str(run.reproduces_id),
        "status": run.status,
        "reason": run.reason,
        "error": run.error,
        "report": run.reproduction_json or None,
    }
