"""`manage.py tune`: a tuning job from a file, in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tuning.analysis.early_stopping import steps_json
from tuning.analysis.guards import job_guards_of, why_no_best
from tuning.choices import JobStatus
from tuning.domain.selection.power_forecast import ASKED_DIFFERENCE
from tuning.models import TuningJob
from tuning.preflight import Level, check_job, rehearse_job
from tuning.services.definition import define_job
from tuning.services.jobs import create_job
from tuning.services.rehearsal_file import KeptRehearsal
from tuning.services.run import cancel_job, resume_job, start_job
from tuning.terminal import ProgressTable
from tunix.api.exceptions import Conflict, ServiceError, in_words
from tunix.runs.definition_files import DefinitionError, load_definition
from tunix.work.foreground import migrate_empty_database, run_in_foreground

EXIT_CODES = {JobStatus.COMPLETED: 0, JobStatus.FAILED: 1, JobStatus.CANCELED: 130}


class Command(BaseCommand):
    """Creates, starts and supervises a job, with a table that grows as trials end."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Run a tuning job described by a JSON or YAML file, or resume one (--resume JOB)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the job, as for POST /api/tuning/jobs")
        parser.add_argument("--resume", metavar="JOB", help="resume a failed, canceled or queued job")
        parser.add_argument(
            "--check", action="store_true", help="report what would go wrong and what it would cost; start nothing"
        )
        parser.add_argument(
            "--rehearse", action="store_true", help="with --check: try a few steps, and tell time and memory by them"
        )
        parser.add_argument(
            "--difference",
            type=float,
            default=ASKED_DIFFERENCE,
            metavar="D",
            help="with --check: how many test rows, seeds and runs prove a difference of D (default: 0.05, 5 points)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["file"] is None) == (options["resume"] is None):
            raise CommandError("Give either a file or --resume JOB.")
        if options["rehearse"] and not options["check"]:
            raise CommandError("--rehearse belongs to --check.")
        if not 0 < options["difference"] < 1:
            raise CommandError("--difference is one of scores, between 0 and 1: 0.05 is 5 points.")
        if options["check"] and options["resume"]:
            raise CommandError("--check takes a file: a job that has started was checked by its trials.")
        migrate_empty_database(self)
        try:
            if options["check"]:
                self.check_file(
                    options["file"],
                    as_json=options["json"],
                    rehearses=options["rehearse"],
                    difference=options["difference"],
                )
                return
            job = self.resumed(options["resume"]) if options["resume"] else self.started(options["file"])
        except (ServiceError, DefinitionError) as error:
            raise CommandError(in_words(error)) from error
        job = self.run_to_its_end(job, quiet=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(summary_of(job)))
        if code := EXIT_CODES.get(JobStatus(job.status), 1):  # also 1 if another worker continues it
            raise SystemExit(code)

    def check_file(self, file: Path, *, as_json: bool, rehearses: bool, difference: float) -> None:
        """Prints the findings; exit code 1 where there is a problem."""
        job = define_job(data=load_definition(file))
        rehearsal = rehearse_job(job, self.noted) if rehearses else None
        found = check_job(job=job, needs_broker=False, rehearsal=rehearsal, difference=difference)
        if as_json:
            self.stdout.write(json.dumps(found.to_json()))
        else:
            self.stdout.write("\n".join(f"{one.level:8} {one.about}: {one.message}" for one in found.findings))
            if found.examples:
                self.stdout.write("\nTrain rows as the model reads them: token|token|[trained token]")
            for example in found.examples:
                self.stdout.write(f"\n{example.title}\n{example.as_text()}")
        if found.level == Level.PROBLEM:
            raise SystemExit(1)

    def noted(self, fields: dict[str, Any]) -> KeptRehearsal:
        """Says how far a rehearsal is; it is not kept, since the job of a file has no folder."""
        if fields.get("doing"):
            self.stderr.write(fields["doing"])
        return KeptRehearsal(definition="", at="", **fields)

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
        if job.status == JobStatus.QUEUED:  # left in the queue by a terminal that was closed
            return job
        return resume_job(job=job, actor=None, foreground=True)

    def run_to_its_end(self, job: TuningJob, *, quiet: bool) -> TuningJob:
        def cancel() -> None:
            try:
                cancel_job(job=job, actor=None)
            except Conflict:
                pass  # it has just ended

        with ProgressTable(job, quiet=quiet) as table:
            run_in_foreground(job, on_poll=table.refresh, cancel=cancel, say=self.stderr.write)
        return job


def summary_of(job: TuningJob) -> dict[str, Any]:
    """What --json prints."""
    job_guards = job_guards_of(job)
    return {
        "steps": steps_json(TuningJob.objects.with_progress().get(pk=job.pk)),
        "job_id": str(job.pk),
        "status": job.status,
        "error": job.error,
        "best_run_id": str(job.best_run_id) if job.best_run_id else None,
        "best_params": job.best_params_json,
        "best_value": job.best_value,
        "confirmed_run_id": str(job.confirmed_run_id) if job.confirmed_run_id else None,
        "verdict": job.verdict_json,
        "guards": job_guards.described(),
        "why_no_best": "" if job.best_run_id else why_no_best(job) or "",
        "trials": [
            {
                "number": trial.number,
                "kind": trial.kind,
                "status": trial.status,
                "params": trial.params_json,
                "metric_value": trial.metric_value,
                "run_id": str(trial.run_id) if trial.run_id else None,
                "reason": trial.reason,
                "stopped": trial.stopped_json,
                "disqualified": job_guards.disqualified(trial),
                "barred": job_guards.disqualified(trial),  # the former name
                "guards": job_guards.readings(trial),
            }
            for trial in job.trials.order_by("number")
        ],
    }
