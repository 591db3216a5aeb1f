"""`manage.py export_job`: a job and its trials as CSV, as JSON, or as a storage that Optuna opens."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tuning.exports.optuna_storage import write_storage
from tuning.exports.tables import EXPORTS
from tuning.models import TuningJob


class Command(BaseCommand):
    """CSV and JSON go to standard output where no file is named."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = (
        "Export a job: its trials as CSV, all of it as JSON, its search as an Optuna storage (SQLite, or journal.log)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", metavar="JOB", help="id of the job")
        parser.add_argument("--format", choices=list(EXPORTS), default="json")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a file that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        job, output = job_named(options["job"]), options["output"]
        if output is not None and output.exists():
            raise CommandError(f"{output} is there already.")
        if options["format"] == "optuna":
            if output is None:
                raise CommandError("Name a file by --output: study.db becomes an SQLite database, study.log a journal.")
            count = write_storage(job=job, path=output)
            self.stdout.write(f"{count} trials in {output}")
            return
        chunks = EXPORTS[options["format"]][0](job)
        if output is None:
            for chunk in chunks:
                self.stdout.write(chunk, ending="")
            return
        with output.open("x", encoding="utf-8", newline="") as file:
            file.writelines(chunks)
        self.stdout.write(str(output))


def job_named(job_id: str) -> TuningJob:
    """Raises CommandError."""
    try:
        return TuningJob.objects.get(pk=job_id)
    except (TuningJob.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no job {job_id}.") from error
