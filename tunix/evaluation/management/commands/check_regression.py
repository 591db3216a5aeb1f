"""`manage.py check_regression`: compares a run with a baseline; CI uses the exit code."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.evaluation.analysis.comparison import BaselineComparison, compare_with_baseline
from tunix.evaluation.models import Baseline
from tunix.runs.following import run_named
from tunix.statistics.regression import Finding

EXIT_CODES = {Finding.NO_REGRESSION: 0, Finding.REGRESSION: 1, Finding.CANNOT_TELL: 2}
NOT_COMPARED = 3
ITEMS_PRINTED = 5


class Command(BaseCommand):
    """Exit code 0: no regression. 1: regression. 2: too few items to tell. 3: the two cannot be compared."""

    help = "Compare a run with a baseline. Exit code 0: no regression, 1: regression, 2: cannot tell, 3: error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="id of a run")
        parser.add_argument("--baseline", required=True, help="name of a baseline")
        parser.add_argument(
            "--max-drop",
            type=float,
            default=0.0,
            help="largest drop of the score that is not a regression, 0 to 1 (default: 0)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_named(options["run"], returncode=NOT_COMPARED)
        name, max_drop = options["baseline"], options["max_drop"]
        baseline = Baseline.objects.with_relations().filter(name=name).first()
        if baseline is None:
            raise CommandError(f"There is no baseline {name!r}.", returncode=NOT_COMPARED)
        if not 0 <= max_drop <= 1:
            raise CommandError("--max-drop must be a number from 0 to 1.", returncode=NOT_COMPARED)
        try:
            compared = compare_with_baseline(baseline=baseline, run=run, max_drop=max_drop)
        except ServiceError as error:
            raise CommandError(in_words(error), returncode=NOT_COMPARED) from error
        if options["json"]:  # the response of the API
            from tunix.evaluation.api.baseline_serializers import BaselineComparisonSerializer

            self.stdout.write(json.dumps(BaselineComparisonSerializer(compared).data, default=str))
        else:
            self.stdout.write(_in_words(compared))
        if code := EXIT_CODES[compared.regression.finding]:
            raise SystemExit(code)


def _in_words(compared: BaselineComparison) -> str:
    numbers = compared.comparison
    lines = [
        compared.regression.sentence,
        f"  score {compared.ours.score_mean:.4g}, baseline {compared.theirs.score_mean:.4g}, p {numbers.p:.3g}",
        f"  {numbers.wins} items won, {numbers.losses} lost, {numbers.ties} the same ({numbers.method})",
    ]
    for item in compared.changed_items(ITEMS_PRINTED):
        change = f"{item.baseline_prediction!r} before, {item.prediction!r} now"
        lines.append(f"  {item.difference:+.3g} row {item.index}, {item.prompt!r}: {change}")
    return "\n".join(lines)
