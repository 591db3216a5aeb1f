"""`manage.py import_space`: a search space of another tool, translated, with a report of what was lost."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuning.domain.importers.importing import TOOLS
from tuning.domain.importers.reading import MAX_TEXT
from tuning.domain.importers.report import Imported
from tuning.services.import_space import import_search_space
from tunix.api.exceptions import ServiceError, in_words
from tunix.validation.files import why_unreadable

STYLES = {"translated": "green", "lossy": "yellow", "refused": "red"}


class Command(BaseCommand):
    """Exit code 1 where something was refused, no parameter is left, or the file cannot be read. Nothing is stored."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = (
        "Translate a search space of W&B, Optuna, Ray Tune, Katib, Vizier, Determined, NNI, Ax, scikit-learn or "
        "axolotl. Exit code 1: something was refused, or no parameter is left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="YAML, JSON or Python source; - for standard input")
        parser.add_argument("--tool", choices=sorted(TOOLS), help="default: detected from the file")
        parser.add_argument(
            "--name", action="append", default=[], metavar="THERE=HERE", help="such as lr=learning_rate; repeatable"
        )
        parser.add_argument("--suggested", action="store_true", help="take all names that are suggested")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        data = {"definition": text_of(options["file"]), "tool": options["tool"], "names": names_of(options["name"])}
        try:
            imported = import_search_space(data=data)
            if options["suggested"]:
                imported = import_search_space(data=data | {"names": imported.suggestions | data["names"]})
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(imported.to_json(), ensure_ascii=False))
        else:
            show(imported, Console(file=self.stdout._out, width=None if sys.stdout.isatty() else 160))
        if not imported.space:
            self.stderr.write(why_empty(imported))
        if imported.refused or not imported.space:
            raise SystemExit(1)


def text_of(name: str) -> str:
    """The text of a file. Raises CommandError."""
    path = Path("standard input" if name == "-" else name)
    try:
        if name == "-":
            return sys.stdin.read(MAX_TEXT + 1)
        with path.open(encoding="utf-8-sig") as file:
            return file.read(MAX_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(why_unreadable(path, error)) from error


def why_empty(imported: Imported) -> str:
    """Why nothing is left, and what can be done."""
    if imported.suggestions:
        return (
            "The search space is empty. Accept the suggested names by --suggested, or give some by --name THERE=HERE."
        )
    if any(item.kind == "parameter" for item in imported.unmapped):
        return "The search space is empty: no parameter has a name that is known here. Give names by --name THERE=HERE."
    return "The search space is empty: every parameter was refused. The report says why."


def names_of(pairs: list[str]) -> dict[str, str]:
    """`["lr=learning_rate"]` as an object. Raises CommandError."""
    names: dict[str, str] = {}
    for there, _, here in (pair.rpartition("=") for pair in pairs):
        if not there or not here:
            raise CommandError("Give names as THERE=HERE, such as lr=learning_rate.")
        if there in names:
            raise CommandError(f"Give --name {there} once.")
        names[there] = here
    return names


def show(imported: Imported, console: Console) -> None:
    """The space and the parts of a job as JSON, then the report."""
    parts = {"search_space_json": imported.space, "constraints_json": imported.constraints, **imported.job}
    console.print_json(json.dumps({name: part for name, part in parts.items() if part != []}, ensure_ascii=False))
    table = Table("", "where", "source", "result", title=f"from {imported.tool}")
    for note in imported.report:
        style = STYLES[note.level]
        table.add_row(Text(note.level, style), Text(note.path), Text(note.source), Text(note.message))
    console.print(table)
    for name, ours in imported.suggestions.items():
        console.print(Text(f"Is {name} our {ours}? Then add --name {name}={ours}"))
