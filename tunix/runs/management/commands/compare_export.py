"""`manage.py compare_export`: an exported or promoted folder is compared with its run again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.pipeline.models.promoted import PREFIX
from tunix.runs.base_models.export_checks import check_promoted, is_exported
from tunix.runs.base_models.serving import comparison
from tunix.runs.exporting import compare_export
from tunix.runs.following import run_named
from tunix.runs.models import BaseModel


class Command(BaseCommand):
    """Exit code 1 if the folder could not be compared."""

    requires_system_checks = ["settings"]  # all checks would load the whole site first
    help = "Load an exported or promoted folder again, and compare it with the run that it came from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("of", metavar="RUN_OR_MODEL", help="id of an exported run, or promoted/<name>@<version>")
        parser.add_argument("--to", type=Path, metavar="DIR", help="where the run was exported to, if it was elsewhere")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check = _compared(options["of"], options["to"])
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        self.stdout.write(json.dumps(dict(check)) if options["json"] else comparison(check))
        if "error" in check:
            raise SystemExit(1)


def _compared(of: str, target: Path | None) -> Mapping[str, Any]:
    if not of.startswith(PREFIX):
        return compare_export(run=run_named(of), target=target).check
    model = BaseModel.objects.filter(base_model_id=of).first()
    if model is None or not is_exported(model):
        raise CommandError(f"{of} is not a model that was promoted to a folder in the layout of Hugging Face.")
    found: Mapping[str, Any] = check_promoted(model).lineage_json["export"]
    return found
