"""`manage.py promote_run`: a run becomes a base model."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tuning.models import TuningTrial
from tuning.services.promote import promote_winner
from tunix.api.exceptions import ServiceError, in_words
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.following import run_named
from tunix.runs.models import BaseModel, TunixRun


class Command(BaseCommand):
    """Prints the new base model's id and folder."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Make the checkpoint of a completed run a base model, promoted/NAME@VERSION."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", metavar="RUN", help="id of a single run, or of a trial's run")
        parser.add_argument("name", metavar="NAME", help="a to z, 0 to 9, hyphen and underscore")
        parser.add_argument("--unconfirmed", action="store_true", help="also one that no job has confirmed")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_named(options["run"])
        try:
            model = promoted(run, {"name": options["name"], "unconfirmed": options["unconfirmed"]})
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        told = {"base_model_id": model.base_model_id, "folder": str(model.folder()), "content_hash": model.content_hash}
        self.stdout.write(json.dumps(told) if options["json"] else f"{model}\n  {model.folder()}")


def promoted(run: TunixRun, data: dict[str, Any]) -> BaseModel:
    """By its job, where the run is the one that counts for a trial; else as a single run."""
    trial = TuningTrial.objects.select_related("job").filter(run=run).first()
    if trial is None:
        return promote_single_run(run=run, data=data, actor=None)
    return promote_winner(job=trial.job, data=data | {"trial": trial.number}, actor=None)
