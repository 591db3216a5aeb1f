"""`manage.py prune_records`: removes rows that have expired, and old history if the retention settings allow it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tunix.operations.pruning.records import expired_records


class Command(BaseCommand):
    """Counts rows and removes them."""

    help = (
        "Remove expired sessions and kept answers and, if the retention settings allow it, old history: events of "
        "deleted jobs, entries of the audit trail, and sign-ins. Events of jobs that exist are never removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would be removed, remove nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--history-days",
            type=int,
            default=settings.HISTORY_RETENTION_DAYS,
            help="keep history for this many days; 0: forever (default: HISTORY_RETENTION_DAYS)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["history_days"] < 0:
            raise CommandError("--history-days must not be negative.")
        counts: dict[str, int] = {}
        for expired in expired_records(options["history_days"]):
            counts[expired.kind] = expired.rows.count()
            if not options["dry_run"]:
                expired.rows.delete()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "removed": counts}, indent=2))
            return
        done = "to remove" if options["dry_run"] else "removed"
        self.stdout.write("\n".join(f"{kind}: {count} {done}" for kind, count in counts.items()))
