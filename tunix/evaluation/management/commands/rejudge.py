"""`manage.py rejudge`: rejudges runs in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ParseError

from tunix.api.exceptions import Conflict, ServiceError, in_words
from tunix.api.parsers import load_json
from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import cancel_evaluation, evaluate_run
from tunix.pipeline.data.rows import SPLITS
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.work.foreground import run_in_foreground


class Command(BaseCommand):
    """Evaluates one run after the other. Ctrl-C cancels the current evaluation and stops."""

    help = "Judge the stored outputs of runs again, with another or an updated judge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("runs", nargs="*", type=UUID, metavar="RUN", help="ids of completed runs")
        parser.add_argument("--job", type=UUID, help="id of a tuning job: all completed runs of its trials")
        parser.add_argument("--judge", help="default: the judge of each run")
        parser.add_argument(
            "--judge-options", type=_json_object, help="JSON; default: those of each run if the judge is its own"
        )
        parser.add_argument(
            "--split", choices=SPLITS, help="default: that of each run; another split needs the checkpoint"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object per run on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = self._runs(options["runs"], options["job"])
        asked = {name: options[name] for name in ("judge", "split") if options[name]}
        if options["judge_options"] is not None:
            asked["judge_options"] = options["judge_options"]
        ended = []
        for number, run in enumerate(runs, start=1):
            evaluation = self._judge(run, asked, f"{number} of {len(runs)}")
            self.stdout.write(json.dumps(_summary_of(evaluation)) if options["json"] else _line_of(evaluation))
            ended.append(evaluation.status)
            if evaluation.status == EvaluationStatus.CANCELED:
                raise SystemExit(130)
        if set(ended) != {EvaluationStatus.COMPLETED}:
            raise SystemExit(1)

    def _runs(self, ids: list[UUID], job: UUID | None) -> list[TunixRun]:
        """The requested runs in order. Raises CommandError if one does not exist."""
        known = TunixRun.objects.select_related("dataset").in_bulk(ids)
        missing = [str(pk) for pk in ids if pk not in known]
        if missing:
            raise CommandError(f"There is no run {', '.join(missing)}.")
        runs = [known[pk] for pk in dict.fromkeys(ids)]
        if job is not None:
            # By the name of the relation, because this app does not depend on `tuning`.
            of_job = TunixRun.objects.filter(attempt__trial__job=job, status=RunStatus.COMPLETED)
            runs += of_job.select_related("dataset").order_by("created_at", "id")
        if not runs:
            raise CommandError("Give completed runs, or a job that has some.")
        return runs

    def _judge(self, run: TunixRun, asked: dict[str, Any], place: str) -> Evaluation:
        try:
            evaluation = evaluate_run(run=run, data=asked, actor=None, dispatched=False)
        except ServiceError as error:
            raise CommandError(f"Run {run.pk}: {in_words(error)}") from error
        self.stderr.write(f"{place}: run {run.pk}, {evaluation}")

        def cancel() -> None:
            try:
                cancel_evaluation(evaluation=evaluation, actor=None)
            except Conflict:
                pass  # it has ended in the meantime

        run_in_foreground(evaluation, on_poll=lambda: None, cancel=cancel, say=self.stderr.write)
        return evaluation


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = load_json(text)
    except ParseError as error:
        raise ArgumentTypeError(str(error.detail)) from error
    if not isinstance(found, dict):
        raise ArgumentTypeError("Must be a JSON object.")
    return found


def _line_of(evaluation: Evaluation) -> str:
    """One line about an ended evaluation, for the terminal."""
    if evaluation.status != EvaluationStatus.COMPLETED:
        return f"{evaluation.status}: run {evaluation.run_id}: {evaluation.reason} {evaluation.error}".rstrip()
    line = f"completed: run {evaluation.run_id}: {evaluation.score_mean:.4f} by {evaluation.judge}"
    line += f" (version {evaluation.judge_version}) on {evaluation.items} {evaluation.split} rows"
    if evaluation.failed_items:
        line += f", {evaluation.failed_items} not judged"
    if evaluation.failed_items and evaluation.score_best is not None:
        line += f" (score {evaluation.score_mean:.4f} to {evaluation.score_best:.4f})"
    if usage := evaluation.usage_json:
        line += f"; {usage['calls']} calls, {usage['cache_hits']} from the cache, cost {usage['cost']:.6g}"
    return line


def _summary_of(evaluation: Evaluation) -> dict[str, Any]:
    """The output of --json."""
    names = (
        "status",
        "reason",
        "error",
        "judge",
        "judge_version",
        "split",
        "items",
        "failed_items",
        "score_mean",
        "score_best",
    )
    summary = {name: getattr(evaluation, name) for name in names}
    return {
        "evaluation_id": str(evaluation.pk),
        "run_id": str(evaluation.run_id),
        **summary,
        "usage": evaluation.usage_json,
    }
