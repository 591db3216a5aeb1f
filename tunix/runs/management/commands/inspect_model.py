"""`manage.py inspect_model`: what a folder with a pretrained model contains, or what is wrong with it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunix.api.exceptions import in_words
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.rope import Rope
from tunix.validation.files import why_unreadable

NO_TEMPLATE, NOT_STATED = "none", "not stated"


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


def description(model: PretrainedModel, *, with_hash: bool) -> dict[str, Any]:
    """What was read, by the names in the JSON output."""
    configuration = model.configuration
    described: dict[str, Any] = {
        "folder": str(model.folder),
        "family": configuration.family.name,
        "parameters": model.parameters,
        "bytes_of_weights": model.bytes_of_weights,
        "dtype": model.dtype,
        "layers": configuration.layers,
        "hidden_size": configuration.width,
        "intermediate_size": configuration.hidden,
        "heads": configuration.heads,
        "kv_heads": configuration.kv_heads,
        "head_dim": configuration.head_dim,
        "vocab_size": configuration.vocabulary,
        "max_positions": configuration.max_positions,
        "tied_embeddings": configuration.tied,
        "rope": rope_in_words(configuration.rope),
        "sliding_rope": rope_in_words(configuration.local_rope) if configuration.local_rope else None,
        "tokenizer": f"{model.tokenizer.kind}, {model.tokenizer.tokens:,} tokens",
        "end_token_ids": list(model.end_token_ids),
        "chat_template": model.chat_template.file if model.chat_template else NO_TEMPLATE,
        "license": model.license or NOT_STATED,
        "weight_files": list(model.weight_files),
        "warnings": list(model.warnings),
    }
    if with_hash:
        described["content_hash"] = model.content_hash
    return described


def rope_in_words(rope: Rope) -> str:
    """Base frequency and scaling on one line."""
    scaling = "" if rope.rope_type == "default" else f", {rope.rope_type} scaling by {rope.factor:g}"
    length = f" beyond {rope.original_length:g} positions" if rope.rope_type == "llama3" else ""
    return f"theta {rope.theta:,.10g}{scaling}{length}"


def text_of(described: dict[str, Any]) -> str:
    """One line per fact, then the warnings."""
    facts = [(key.replace("_", " "), value) for key, value in described.items()]
    lines = [f"{key:<18}{in_a_line(value)}" for key, value in facts if key != "warnings" and value is not None]
    return "\n".join([*lines, *(f"Warning: {warning}" for warning in described["warnings"])])


def in_a_line(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def faults_in_words(folder: Path, error: FolderError, *, as_json: bool) -> str:
    """All faults, by file."""
    if as_json:
        return json.dumps({"folder": str(folder), "errors": error.errors})
    count = sum(map(len, error.errors.values()))
    error.detail = f"{folder} cannot be used: {count} fault{'s' * (count != 1)}."
    return in_words(error)
