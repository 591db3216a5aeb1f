"""The files of a promoted model, and its folder, which is renamed when it is complete."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from tunix.api.exceptions import Conflict
from tunix.pipeline.files import open_inside, sync_folder, write_text
from tunix.pipeline.folder import CHECKPOINT, MODEL
from tunix.pipeline.models.export.surroundings import replace_card
from tunix.pipeline.models.promoted import CARD, CONFIG, FORMAT, LINEAGE, TOKENIZER, WEIGHTS
from tunix.pipeline.spec import RunResult

from ..models import BaseModel, TunixRun

_CHUNK = 1024 * 1024


def copy_checkpoint(run: TunixRun, result: RunResult, folder: Path, parameters: int) -> None:
    """Copies weights and tokenizer of a built-in model's checkpoint to a new folder, and writes its config.json.

    Raises Conflict if the checkpoint is missing or was changed.
    """
    folder.mkdir(parents=True)
    for file in (WEIGHTS, TOKENIZER):
        _copy(run, result, file, folder / file)
    write_text(folder / CONFIG, json.dumps(_config(run, result, parameters), indent=2) + "\n")


def publish_model(folder: Path, model: BaseModel, card: str) -> None:
    """Adds card and lineage and renames the folder. Call it in the transaction that inserts the model's row.

    The row is unique for this version, so an existing folder was left by a promotion that did not commit.
    """
    write_card_and_lineage(folder, model, card)
    target = settings.ARTIFACTS_DIR / model.path
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
    sync_folder(target.parent)


def write_card_and_lineage(folder: Path, model: BaseModel, card: str) -> None:
    """Writes both into the folder of a model. The card of an exported folder keeps its header."""
    if (folder / CARD).exists():
        replace_card(folder, card)
    else:
        write_text(folder / CARD, card)
    write_text(folder / LINEAGE, json.dumps(model.lineage_json, indent=2, ensure_ascii=False) + "\n")


def read_card(model: BaseModel) -> str:
    """The model card of a promoted model; empty if it cannot be read, and for other models."""
    folder = model.folder()
    if folder is None or model.source != BaseModel.Source.PROMOTED:
        return ""
    try:
        with open_inside(folder, folder / CARD) as file:
            return file.read(_CHUNK).decode(errors="replace")
    except OSError:
        return ""


def _config(run: TunixRun, result: RunResult, parameters: int) -> dict[str, Any]:
    with _open(run, MODEL) as file:
        content = file.read()
    _refuse_changed(result, MODEL, hashlib.sha256(content).hexdigest())
    described = json.loads(content)
    kept = {name: described[name] for name in ("base_model_id", "family", "vocab_size", "architecture")}
    return {"format": FORMAT, **kept, "parameters": parameters}


def _copy(run: TunixRun, result: RunResult, name: str, target: Path) -> None:
    digest = hashlib.sha256()
    with _open(run, name) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    _refuse_changed(result, name, digest.hexdigest())


def _open(run: TunixRun, name: str) -> Any:
    try:
        return open_inside(run.work_dir(), run.work_dir() / CHECKPOINT / name)
    except FileNotFoundError:
        raise Conflict("The run's checkpoint is missing: it was removed, or never written. Run it again.") from None


def _refuse_changed(result: RunResult, name: str, digest: str) -> None:
    if result.files.get(f"{CHECKPOINT}/{name}") != digest:
        raise Conflict(f"The run's checkpoint was changed: {name}. Run it again.")
