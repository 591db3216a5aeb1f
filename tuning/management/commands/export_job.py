"""`manage.py export_job`: a job and its trials as CSV, as JSON, or as a study that Optuna opens."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tuning.exports.files import FORMATS, file_written, format_of
from tuning.exports.optuna_storage import SUFFIXES
from tuning.exports.tables import EXPORTS
from tuning.models import TuningJob


class Command(BaseCommand):
    """CSV and JSON go to standard output where no file is named."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = (
        "Export a job: its trials as CSV, all of it as JSON, its search as an Optuna study (study.db is an SQLite "
        "storage, study.log a journal, study.json JSON)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", metavar="JOB", help="id of the job")
        parser.add_argument("--format", choices=list(EXPORTS), help="default: by the name of the file, otherwise json")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a file that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        job, output = job_named(options["job"]), options["output"]
        if output is None:
            self.print(job, options["format"] or "json")
            return
        try:
            name = format_of(output, options["format"])
            self.stdout.write(file_written(job=job, path=output, name=name))
        except ValueError as error:
            raise CommandError(str(error)) from error

    def print(self, job: TuningJob, name: str) -> None:
        if name == "optuna":
            names = ", ".join(f"study{suffix}" for suffix in (*SUFFIXES, *FORMATS["json"]))
            raise CommandError(f"A study needs a file. Name one by --output, such as {names}.")
        for chunk in EXPORTS[name][0](job):
            self.stdout.write(chunk, ending="")


def job_named(job_id: str) -> TuningJob:
    """Raises CommandError."""
    try:
        return TuningJob.objects.get(pk=job_id)
    except (TuningJob.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no job {job_id}.") from error
