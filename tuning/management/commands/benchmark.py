"""`manage.py benchmark`: one JSON object of measurements against a peer, or against what is true."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from tuning.benchmarks.overhead import overhead
from tuning.benchmarks.sweep import sweep

TRIALS = {"overhead": 100, "sweep": 12}
MEASURED: dict[str, Callable[..., dict[str, Any]]] = {"overhead": overhead, "sweep": sweep}


class Command(BaseCommand):
    """Measures on this machine, now. What a figure is compared with runs in turns with ours."""

    help = (
        "Measure this installation against plain scripts, or its verdicts against simulated truth; prints one JSON "
        "object. Takes minutes. verdict exits with 1 where it misses a goal."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=[*MEASURED, "verdict"])
        parser.add_argument("--trials", type=int, help="trials a sweep (default: 100 for overhead, 12 for sweep)")
        parser.add_argument("--runs", type=int, default=1, help="measurements of each side; medians are compared")
        parser.add_argument("--sweeps", type=int, default=1000, help="verdict: simulated sweeps a setting")
        parser.add_argument("--table", action="store_true", help="verdict: print a Markdown table in place of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if name == "verdict":
            self._verdict(options["sweeps"], options["table"])
            return
        measured = MEASURED[name](trials=options["trials"] or TRIALS[name], runs=options["runs"])
        self.stdout.write(json.dumps(measured, indent=2))

    def _verdict(self, sweeps: int, as_table: bool) -> None:
        """Print the table, and end with 1 where a goal is missed."""
        from tuning.benchmarks.verdict import verdict
        from tuning.benchmarks.verdict_table import table_of

        measured = verdict(sweeps=sweeps)
        self.stdout.write(table_of(measured["settings"]) if as_table else json.dumps(measured, indent=2))
        if not measured["goals_met"]:
            sys.exit(1)
