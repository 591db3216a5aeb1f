"""`manage.py benchmark`: measures this installation against a peer, or against simulated truth."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.operations.benchmarks.overhead import overhead
from tunix.operations.benchmarks.sweep import sweep
from tunix.operations.benchmarks.worlds import all_worlds
from tunix.work.foreground import migrate_empty_database

TRIALS = {"overhead": 100, "sweep": 12, "search": 60, "early_stopping": 16}
MEASURED: dict[str, Callable[..., dict[str, Any]]] = {"overhead": overhead, "sweep": sweep}


class Command(BaseCommand):
    """Measures on this machine. Our runs and those of the peer alternate."""

    help = (
        "Compare this installation with plain scripts, its samplers with Optuna alone, early stopping with full "
        "training, or its verdicts and races with simulated truth or real jobs of known truth. Prints one JSON "
        "object. Takes minutes. search, early_stopping, verdict, racing and proof exit with 1 if they miss a goal. "
        "verdict ends with one more line, a short JSON object for programs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=[*MEASURED, "search", "early_stopping", "verdict", "racing", "proof"])
        parser.add_argument(
            "--trials",
            type=int,
            help="trials per sweep or search (default: overhead 100, sweep 12, search 60, early_stopping 16)",
        )
        parser.add_argument("--runs", type=int, default=1, help="measurements of each side, whose medians are compared")
        parser.add_argument(
            "--sweeps", type=int, default=1000, help="verdict, racing: simulated jobs per line of the table"
        )
        worlds = [*all_worlds(), "ties"]
        parser.add_argument("--world", choices=worlds, help="verdict: one world, or ties, only (default: all)")
        parser.add_argument("--null-jobs", type=int, default=20, help="proof: real jobs in which nothing has an effect")
        parser.add_argument("--effect-jobs", type=int, default=8, help="proof: real jobs with better configurations")
        parser.add_argument("--seeds", type=int, default=20, help="search: searches per function")
        parser.add_argument("--functions", default="", help="search: names, separated by commas (default: all)")
        parser.add_argument("--algorithms", default="", help="search: names, separated by commas (default: all)")
        parser.add_argument(
            "--table", action="store_true", help="search, verdict, racing: print a Markdown table instead of JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if name in (*MEASURED, "early_stopping", "proof"):  # these run jobs of this installation
            migrate_empty_database(self)
        if name == "verdict":
            self._verdict(options)
        elif name == "search":
            self._search(options)
        elif name == "racing":
            from tunix.operations.benchmarks.racing import racing, table_of

            measured = racing(sweeps=options["sweeps"])
            self._end(measured, table_of(measured["settings"]) if options["table"] else "")
        elif name == "proof":
            from tunix.operations.benchmarks.proofs import proofs

            self._end(proofs(without=options["null_jobs"], with_effect=options["effect_jobs"]), "")
        elif name == "early_stopping":
            from tunix.operations.benchmarks.early_stopping import early_stopping

            self._end(early_stopping(trials=options["trials"] or TRIALS[name], runs=options["runs"]), "")
        else:
            measured = MEASURED[name](trials=options["trials"] or TRIALS[name], runs=options["runs"])
            self.stdout.write(json.dumps(measured, indent=2))

    def _verdict(self, options: dict[str, Any]) -> None:
        from tunix.operations.benchmarks.verdict import verdict
        from tunix.operations.benchmarks.verdict_table import line_of, table_of

        measured = verdict(sweeps=options["sweeps"], world=options["world"] or "")
        shown = table_of(measured["settings"]) if options["table"] else json.dumps(measured, indent=2)
        self._end(measured, f"{shown}\n{line_of(measured)}")

    def _search(self, options: dict[str, Any]) -> None:
        from tunix.operations.benchmarks.search import CONTESTS, search
        from tunix.operations.benchmarks.search_functions import FUNCTIONS
        from tunix.operations.benchmarks.search_table import tables_of

        measured = search(
            algorithms=_named(options["algorithms"], CONTESTS),
            functions=_named(options["functions"], FUNCTIONS),
            trials=options["trials"] or TRIALS["search"],
            seeds=options["seeds"],
        )
        self._end(measured, tables_of(measured["detail"]) if options["table"] else "")

    def _end(self, measured: dict[str, Any], text: str) -> None:
        """Print the text, or otherwise the JSON object, and exit with 1 if a goal is missed."""
        self.stdout.write(text or json.dumps(measured, indent=2))
        if not measured["goals_met"]:
            sys.exit(1)


def _named(asked: str, known: Any) -> list[str]:
    """The names in `asked`, separated by commas; all if it is empty. Raises CommandError for an unknown name."""
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise CommandError(f"Unknown: {', '.join(unknown)}. Choose from {', '.join(known)}.")
    return names or list(known)
