"""`manage.py benchmark`: one JSON object of measurements against a peer."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tuning.benchmarks.overhead import overhead
from tuning.benchmarks.sweep import sweep

BENCHMARKS = {"overhead": (overhead, 100), "sweep": (sweep, 12)}


class Command(BaseCommand):
    """Measures on this machine, now. What a figure is compared with runs in turns with ours."""

    help = "Measure this installation against plain scripts; prints one JSON object. Takes minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=BENCHMARKS)
        parser.add_argument("--trials", type=int, help="trials a sweep (default: 100 for overhead, 12 for sweep)")
        parser.add_argument("--runs", type=int, default=1, help="measurements of each side; medians are compared")

    def handle(self, *args: Any, **options: Any) -> None:
        measure, trials = BENCHMARKS[options["name"]]
        measured = measure(trials=options["trials"] or trials, runs=options["runs"])
        self.stdout.write(json.dumps(measured, indent=2))
