"""`manage.py prune_artifacts`: removes files that no row refers to, and what the retention settings allow."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tunix.operations.pruning import NotOurs, Removable, Rules, removables, remove
from tunix.operations.pruning.removing import size
from tunix.validation.sizes import bytes_in_words


class Command(BaseCommand):
    """Lists files and removes them. Exit code 1: something could not be removed."""

    help = (
        "Remove folders of runs, jobs and datasets that no row refers to, stale temporary files, files of earlier "
        "epochs and, if the retention settings allow it, the weights of losing trials. Live work is never touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="list what would be removed and its size, remove nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--min-age-hours",
            type=_not_negative,
            default=24.0,
            help="keep files that were written within this many hours (default 24)",
        )
        parser.add_argument(
            "--checkpoint-days",
            type=int,
            default=settings.CHECKPOINT_RETENTION_DAYS,
            help="keep the weights of losing trials for this many days after their job ended; 0: forever "
            "(default: CHECKPOINT_RETENTION_DAYS)",
        )
        parser.add_argument("--caches", action="store_true", help="remove the caches as well, unless work is live")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = Rules(options["min_age_hours"] * 3600, options["checkpoint_days"], options["caches"])
        done: list[dict[str, Any]] = []
        for found in removables(rules):
            entry = {"kind": found.kind, "path": found.name, "bytes": size(found.path), "why": found.why}
            entry["error"] = "" if options["dry_run"] else _removed(found)
            done.append(entry)
            if not options["json"]:
                trouble = f"  NOT REMOVED: {entry['error']}" if entry["error"] else ""
                amount = bytes_in_words(entry["bytes"])
                self.stdout.write(f"{entry['kind']:<10} {entry['path']}  {amount}, {entry['why']}{trouble}")
        self._conclude(done, options)

    def _conclude(self, done: list[dict[str, Any]], options: dict[str, Any]) -> None:
        gone = [entry for entry in done if not entry["error"]]
        total = sum(entry["bytes"] for entry in gone)
        if options["json"]:
            answer = {"dry_run": options["dry_run"], "bytes": total, "removed": gone}
            answer["failed"] = [entry for entry in done if entry["error"]]
            self.stdout.write(json.dumps(answer, indent=2))
        else:
            words = ("to remove", "would be freed") if options["dry_run"] else ("removed", "freed")
            self.stdout.write(f"{len(gone)} {words[0]}, {bytes_in_words(total)} {words[1]}.")
        if len(gone) < len(done):
            raise CommandError(f"{len(done) - len(gone)} could not be removed.")


def _removed(found: Removable) -> str:
    """Why it could not be removed; empty if it is gone."""
    try:
        remove(found)
    except (OSError, NotOurs) as error:
        return str(error)
    return ""


def _not_negative(text: str) -> float:
    hours = float(text)
    if not hours >= 0:
        raise ValueError(text)
    return hours
