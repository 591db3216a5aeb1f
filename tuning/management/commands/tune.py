"""`manage.py tune`: a tuning job from a file, in the foreground."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tunix.runs.definition_files import DefinitionError, load_definition

from tuning.choices import TERMINAL_JOB_STATUSES, JobStatus
from tuning.models import TuningJob
from tuning.progress_table import ProgressTable
from tuning.services import cancel_job, create_job, resume_job, start_job
from tunix.api.exceptions import ServiceError
from tunix.work.supervisor import supervise

EXIT_CODES = {JobStatus.COMPLETED: 0, JobStatus.FAILED: 1, JobStatus.CANCELED: 130}


class Command(BaseCommand):
    """Creates, starts and supervises a job, with a table that grows as trials end."""

    help = "Run a tuning job described by a JSON or YAML file, or go on with one (--resume JOB)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the job, as for POST /api/tuning/jobs")
        parser.add_argument("--resume", metavar="JOB", help="go on with a failed or canceled job")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["file"] is None) == (options["resume"] is None):
            raise CommandError("Give either a file or --resume JOB.")
        create_tables_of_an_empty_database(self)
        try:
            job = self.resumed(options["resume"]) if options["resume"] else self.started(options["file"])
        except (ServiceError, DefinitionError) as error:
            raise CommandError(words_of(error)) from error
        job = self.run_to_its_end(job, quiet=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(summary_of(job)))
        if EXIT_CODES[JobStatus(job.status)]:
            raise SystemExit(EXIT_CODES[JobStatus(job.status)])

    def started(self, file: Path) -> TuningJob:
        job = create_job(data=load_definition(file), owner=None)
        for path, messages in job.definition_warnings.items():  # type: ignore[attr-defined]
            self.stderr.write(self.style.WARNING(f"{path}: {' '.join(messages)}"))
        return start_job(job=job, actor=None, foreground=True)

    def resumed(self, job_id: str) -> TuningJob:
        try:
            job = TuningJob.objects.get(pk=job_id)
        except (TuningJob.DoesNotExist, ValidationError) as error:
            raise CommandError(f"There is no job {job_id}.") from error
        return resume_job(job=job, actor=None, foreground=True)

    def run_to_its_end(self, job: TuningJob, *, quiet: bool) -> TuningJob:
        """Supervise until the job is terminal; a lost runner is followed by the next epoch.

        The first Ctrl-C cancels the job, the second one ends this command at once.
        """

        def cancel(signum: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.stderr.write("Canceling. Press Ctrl-C again to leave at once.")
            asked.append(True)

        asked: list[bool] = []
        signal.signal(signal.SIGINT, cancel)
        signal.signal(signal.SIGTERM, cancel)

        def poll() -> None:
            table.refresh()
            if asked:
                asked.clear()
                cancel_job(job=TuningJob.objects.get(pk=job.pk), actor=None)

        with ProgressTable(job, quiet=quiet) as table:
            while job.status not in TERMINAL_JOB_STATUSES:
                supervise(TuningJob, job.pk, poll, foreground=True)
                job.refresh_from_db()
        return job


def create_tables_of_an_empty_database(command: BaseCommand) -> None:
    """On a database without any table, do what `manage.py migrate` does, and say so."""
    if not connection.introspection.table_names():
        command.stderr.write("The database is empty: creating its tables.")
        call_command("migrate", verbosity=0)


def words_of(error: Exception) -> str:
    """The error for a terminal: each faulty field on a line of its own."""
    fields = getattr(error, "errors", None) or {}
    lines = [f"  {path}: {message}" for path, messages in fields.items() for message in messages]
    return "\n".join([str(error), *lines])


def summary_of(job: TuningJob) -> dict[str, Any]:
    """What --json prints."""
    return {
        "job_id": str(job.pk),
        "status": job.status,
        "error": job.error,
        "best_run_id": str(job.best_run_id) if job.best_run_id else None,
        "best_params": job.best_params_json,
        "best_value": job.best_value,
        "trials": [
            {
                "number": trial.number,
                "status": trial.status,
                "params": trial.params_json,
                "metric_value": trial.metric_value,
                "run_id": str(trial.run_id) if trial.run_id else None,
                "reason": trial.reason,
            }
            for trial in job.trials.order_by("number")
        ],
    }
