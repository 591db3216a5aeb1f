"""`manage.py check_ledger`: checks rows, files and processes against the guarantees."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tuning.models import TuningJob
from tunix.operations.checker.check import Report, check_ledger
from tunix.validation.files import why_unreadable


class Command(BaseCommand):
    """Exit code 0: no findings. 1: findings. It changes nothing and may run beside live work."""

    requires_system_checks = ["settings"]  # the other checks would load the whole site first
    help = "Check jobs, trials, runs, their files and this machine's processes against the guarantees."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--job", metavar="ID", type=uuid.UUID, help="check only this job")
        parser.add_argument(
            "--files", action=BooleanOptionalAction, default=True, help="read the files of runs as well"
        )
        parser.add_argument("--journal", type=Path, help="compare with the file that trials wrote (TRIAL_JOURNAL)")

    def handle(self, *args: Any, **options: Any) -> None:
        job_id = options["job"]
        if job_id is not None and not TuningJob.objects.filter(pk=job_id).exists():
            raise CommandError(f"There is no job {job_id}.", returncode=2)
        if (journal := options["journal"]) is not None:
            check_readable(journal)
        report = check_ledger(job_id=job_id, files=options["files"], journal=options["journal"])
        self.stdout.write(json.dumps(report.to_json(), indent=2) if options["json"] else in_words(report))
        if not report.clean:
            raise SystemExit(1)


def check_readable(journal: Path) -> None:
    """Raises CommandError: a journal that is named and cannot be read would look like one without entries."""
    try:
        journal.open("rb").close()
    except OSError as error:
        raise CommandError(why_unreadable(journal, error), returncode=2) from error


def in_words(report: Report) -> str:
    """The number of checked rows, and two lines for each finding."""
    lines = ["Checked: " + ", ".join(f"{count} {what}" for what, count in report.checked.items()) + "."]
    for finding in report.findings:
        where = f"job {finding.job}" if finding.job else "installation"
        trial = "" if finding.trial is None else f", trial {finding.trial}"
        lines += [
            f"{finding.guarantee} {finding.rule} ({where}{trial}): {finding.detail}",
            f"   {finding.hint}",
        ]
    lines.append("No findings." if report.clean else f"{len(report.findings)} findings.")
    return "\n".join(lines)
