"""`manage.py soak`: jobs under seeded random faults, in a temporary installation."""

from __future__ import annotations

import json
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tunix.operations.soak.faults import kinds
from tunix.operations.soak.options import SoakOptions
from tunix.operations.soak.report import in_words
from tunix.operations.soak.servers import ServerMissing
from tunix.operations.soak.soak import SoakFailed, drive, soak


class Command(BaseCommand):
    """Exit code 0: all guarantees held. 1: one did not, or too little happened to tell; the folder is kept."""

    help = (
        "Run jobs in a temporary installation while processes, database, broker and disk fail at random, "
        "then check the result. Refused in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="how long faults are injected (default 60)")
        parser.add_argument("--seed", type=int, default=0, help="determines the faults and the times between them")
        parser.add_argument("--jobs", type=int, default=3, help="number of live jobs at any time (default 3)")
        parser.add_argument(
            "--settle", type=float, default=180, help="seconds that the jobs may take to end afterwards (default 180)"
        )
        parser.add_argument("--train", action="store_true", help="train real models in one of the jobs")
        parser.add_argument("--no-redis", action="store_true", help="use message files instead of a temporary Redis")
        database = parser.add_mutually_exclusive_group()
        database.add_argument("--postgres", action="store_true", help="use a temporary PostgreSQL instead of SQLite")
        database.add_argument(
            "--database-url", default="", help="use this empty database; it is not cleared afterwards"
        )
        parser.add_argument(
            "--without", nargs="*", default=[], choices=kinds(), metavar="FAULT", help="faults to leave out"
        )
        parser.add_argument("--keep", action="store_true", help="keep the folder of the installation")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--inside", type=Path, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("A soak kills processes on purpose, so it is refused in production.")
        if options["inside"]:
            drive(options["inside"])
            return
        report = self._soak(options)
        self.stdout.write(json.dumps(report, indent=2) if options["json"] else in_words(report))
        if not report["clean"]:
            self.stderr.write(f"The folder is kept: {report['folder']}")
            raise SystemExit(1)

    def _soak(self, options: dict[str, Any]) -> dict[str, Any]:
        chosen = SoakOptions(
            seconds=options["seconds"],
            seed=options["seed"],
            jobs=options["jobs"],
            settle_seconds=options["settle"],
            train=options["train"],
            redis=not options["no_redis"],
            postgres=options["postgres"],
            database_url=options["database_url"],
            without=tuple(options["without"]),
        )
        try:
            return soak(chosen, keep=options["keep"])
        except (ServerMissing, SoakFailed) as error:
            raise CommandError(str(error)) from error
