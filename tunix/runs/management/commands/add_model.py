"""`manage.py add_model`: a folder with a pretrained model becomes a base model."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.pipeline.models.pretrained.inspection import FolderError
from tunix.runs.base_models.addition import add_model
from tunix.runs.base_models.foreground import AdditionInterrupted, finish_in_foreground, interrupted_addition
from tunix.runs.models import BaseModel
from tunix.work.foreground import migrate_empty_database


class Command(BaseCommand):
    """Exit code 0: the model was added, perhaps with a failed smoke test, which is printed. 1: it was not added.

    130: interrupted. An addition that was killed is continued.
    """

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Add a folder with a pretrained model as a base model. See docs/models.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="folder in the layout of Hugging Face")
        parser.add_argument("--id", required=True, metavar="NAME", help="the new base model's id")
        parser.add_argument("--copy", action="store_true", help="copy the files instead of using them where they are")
        parser.add_argument("--license", default="", metavar="TEXT", help="instead of what the folder states")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        migrate_empty_database(self)
        folder, base_model_id, copy = options["folder"], options["id"], options["copy"]
        try:
            model = interrupted_addition(base_model_id, folder, copy=copy) or add_model(
                base_model_id=base_model_id, folder=folder, copy=copy, license=options["license"], actor=None
            )
            self.stderr.write("Reading the files and running the smoke test")
            model = finish_in_foreground(model)
        except FolderError as error:
            error.detail = error.in_folder(folder)
            raise CommandError(in_words(error)) from None
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        except AdditionInterrupted as error:
            raise CommandError(str(error), returncode=130) from None
        except KeyboardInterrupt:  # nothing is stored yet, and a copy has been removed
            raise CommandError("Interrupted: the model was not added.", returncode=130) from None
        self.stdout.write(json.dumps(summary_of(model)) if options["json"] else report_on(model))


def summary_of(model: BaseModel) -> dict[str, Any]:
    """The output of --json."""
    return {
        "base_model_id": model.base_model_id,
        "folder": str(model.folder()),
        "content_hash": model.content_hash,
        "smoke_test": model.smoke_test_json,
        "warnings": model.warnings,
    }


def report_on(model: BaseModel) -> str:
    """What was added, and what its smoke test found."""
    found = model.smoke_test_json
    lines = [
        f"{model}: {model.family}, {model.parameters:,} parameters",
        f"  {model.folder()}",
        f"  hash {model.content_hash or 'not known'}",
    ]
    if "error" in found:
        lines.append(f"  The smoke test failed: {found['error']}")
    else:
        lines.append(f"  {found['loss']:.2f} nats per token of plain English")
        lines.append(f"  {found['prompt']}{found['continuation']}")
    return "\n".join([*lines, *(f"  Warning: {warning}" for warning in model.warnings)])
