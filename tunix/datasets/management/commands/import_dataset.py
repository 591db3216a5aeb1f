"""`manage.py import_dataset`: imports local files as a dataset."""

from __future__ import annotations

import sys
from argparse import Action, ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from tunix.api.exceptions import ServiceError
from tunix.datasets.importing.columns import GROUP_HELP, INPUT_HELP, USUAL_ANSWERS, USUAL_PROMPTS
from tunix.datasets.importing.layouts import FORMATS
from tunix.datasets.importing.options import DEFAULT_FRACTION, SOURCES, ImportOptions, delimiter_named
from tunix.datasets.services import import_files
from tunix.datasets.summary import summary


class Once(Action):
    """An option that is refused if it is given twice; argparse would silently use the last value."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: Any = None) -> None:
        if getattr(namespace, self.dest) != self.default:
            hint = " Join the files into one." if self.type is Path else ""
            raise ArgumentError(self, f"It is given twice.{hint}")
        setattr(namespace, self.dest, values)


class Command(BaseCommand):
    """Imports files and prints a summary. On any error it imports nothing and exits with 1."""

    help = "Import prompts and answers from JSON, CSV, TSV or Parquet as a dataset. See docs/datasets.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.register("action", None, Once)
        parser.add_argument("key", help="2 to 64 lower-case letters, digits, dots, hyphens and underscores")
        files = parser.add_argument_group("files")
        files.add_argument(
            "--file",
            type=Path,
            help="one file, divided by hash into train, validation and test; or a folder that save_to_disk wrote",
        )
        files.add_argument("--train", type=Path, help="rows for training")
        files.add_argument("--validation", type=Path, help="rows for choosing the best trial")
        files.add_argument("--test", type=Path, help="rows reserved for the final evaluation")
        files.add_argument("--format", choices=FORMATS, default="", help="default: by file name and first line")
        files.add_argument(
            "--delimiter", default="", help="for CSV: one character, or 'tab' (default: a comma, or a tab for TSV)"
        )
        rows = parser.add_argument_group("rows")
        rows.add_argument("--prompt-column", default="", help=f"default: {USUAL_PROMPTS}")
        rows.add_argument("--answer-column", default="", help=f"default: {USUAL_ANSWERS}")
        rows.add_argument("--input-column", default="", help=INPUT_HELP)
        rows.add_argument("--group-column", default="", help=GROUP_HELP)
        rows.add_argument("--answer-pattern", default="", help="regular expression: its group, or its whole match")
        split = parser.add_argument_group("split by hash of the prompt, for splits without a file")
        split.add_argument("--validation-fraction", type=float, help=f"default: {DEFAULT_FRACTION}")
        split.add_argument("--test-fraction", type=float, help=f"default: {DEFAULT_FRACTION} with --file, else 0")
        split.add_argument("--allow-overlap", action="store_true", help="keep prompts that are in two splits")
        split.add_argument("--drop-overlap", action="store_true", help="drop rows of validation and test that overlap")
        about = parser.add_argument_group("about")
        about.add_argument("--source", default="", help="where the rows come from")
        about.add_argument("--license", default="")
        about.add_argument("--project", default="default")

    def handle(self, *args: Any, **options: Any) -> None:
        files = {name: options[name] for name in SOURCES if options[name]}
        chosen = {name: options[name] for name in ImportOptions.__dataclass_fields__}
        chosen["delimiter"] = delimiter_named(options["delimiter"])
        about = {name: options[name] for name in ("source", "license", "project")}
        try:
            with progress_bars(files) as on_progress:
                dataset = import_files(
                    key=options["key"],
                    files=files,
                    options=ImportOptions(**chosen),
                    on_progress=on_progress,
                    **about,
                )
        except ServiceError as error:
            raise CommandError(readable(error)) from None
        self.stdout.write(summary(dataset))


@contextmanager
def progress_bars(files: dict[str, Path]) -> Iterator[Callable[[str, int], None]]:
    """Shows a progress bar for each file if standard error is a terminal."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bars:
        sizes = {name: path.stat().st_size if path.is_file() else 0 for name, path in files.items()}
        tasks = {name: bars.add_task(name, total=size) for name, size in sizes.items()}
        # The splits of a folder have no bar.
        yield lambda name, count: bars.advance(tasks[name], count) if name in tasks else None


def readable(error: ServiceError) -> str:
    """The error with one line per problem; a problem with an option is listed under the option."""
    lines = ["Nothing was imported.", *([] if error.errors else [error.detail])]
    for path, messages in error.errors.items():
        option = path in SOURCES or path in ImportOptions.__dataclass_fields__
        lines.append(f"  {'--' + path.replace('_', '-') if option else path}: {messages[0]}")
        lines.extend(f"    {message}" for message in messages[1:])
    return "\n".join(lines)
