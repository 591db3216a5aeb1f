"""`manage.py inspect_model`: what a folder with a pretrained model contains, or what is wrong with it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import in_words
from tunix.pipeline.models.pretrained.description import description, in_a_line
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.validation.files import why_unreadable


class Command(BaseCommand):
    """Exit code 0: the model can be loaded, perhaps with warnings. 1: it has faults, which are all listed."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Check a folder with a pretrained model by its headers, and print what it contains. See docs/models.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="folder in the layout of Hugging Face")
        parser.add_argument("--no-hash", action="store_true", help="do not read the weights for a content hash")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"]
        try:
            model = inspect_folder(folder)
            described = description(model, with_hash=not options["no_hash"])
        except FolderError as error:
            raise CommandError(faults_in_words(folder, error, as_json=options["json"])) from None
        except OSError as error:
            raise CommandError(why_unreadable(folder, error)) from None
        self.stdout.write(json.dumps(described) if options["json"] else text_of(described))


def text_of(described: dict[str, Any]) -> str:
    """One line per fact, then the warnings."""
    facts = [(key.replace("_", " "), value) for key, value in described.items()]
    lines = [f"{key:<18}{in_a_line(value)}" for key, value in facts if key != "warnings" and value is not None]
    return "\n".join([*lines, *(f"Warning: {warning}" for warning in described["warnings"])])


def faults_in_words(folder: Path, error: FolderError, *, as_json: bool) -> str:
    """All faults, by file."""
    if as_json:
        return json.dumps({"folder": str(folder), "errors": error.errors})
    error.detail = error.in_folder(folder)
    return in_words(error)
