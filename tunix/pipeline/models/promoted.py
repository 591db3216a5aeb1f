"""Base models that were promoted from runs: their ids, their folders, and the check that one is intact.

The folder of `promoted/<name>@<version>` is `artifacts/models/<name>/<version>/`. It has the weights and the tokenizer
that they were trained with; a worker needs nothing else. If the model began as a folder in the layout of Hugging Face,
it is such a folder too, with the adapter beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunix.pipeline.files import read_text, sha256
from tunix.pipeline.models.base_models import PROMOTED, Architecture, BaseModelError, BaseModelInfo, UnknownBaseModel
from tunix.pipeline.models.pretrained.inspection import appeared_files
from tunix.pipeline.models.recorded_files import RecordedFile, changed_files, content_hash_of

PREFIX = "promoted/"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
WEIGHTS, TOKENIZER, CONFIG = "weights.safetensors", "tokenizer.json", "config.json"
MODEL_FILES = (WEIGHTS, TOKENIZER, CONFIG)
"""The files that make up the model; the content hash covers these."""
LINEAGE, CARD = "lineage.json", "README.md"
"""Documentation of the model."""
FORMAT = 1

_ID = re.compile(rf"{PREFIX}({NAME.pattern})@([1-9][0-9]{{0,5}})")


def promoted_id(name: str, version: int) -> str:
    """The base model id of this version of a name."""
    return f"{PREFIX}{name}@{version}"


def model_dir(artifacts_dir: Path, base_model_id: str) -> Path:
    """The folder of a promoted model. Raises UnknownBaseModel if the id is not that of a promoted model."""
    match = _ID.fullmatch(base_model_id)
    if match is None:
        raise UnknownBaseModel(f"'{base_model_id}' is not a promoted model: their ids are promoted/<name>@<version>.")
    return artifacts_dir / "models" / match[1] / match[2]


def hashes_of(folder: Path) -> dict[str, str]:
    """The sha256 of each of MODEL_FILES. Raises FileNotFoundError."""
    return {name: sha256(folder / name) for name in MODEL_FILES}


def promoted_model(base_model_id: str, artifacts_dir: Path) -> BaseModelInfo:
    """The promoted model with this id. A process hashes each of its files once, and again when it was touched.

    Raises UnknownBaseModel, and BaseModelError if its folder is missing or was changed since the promotion.
    """
    folder = model_dir(artifacts_dir, base_model_id)
    try:
        return _read(base_model_id, folder)
    except FileNotFoundError as error:
        what = Path(error.filename).name if folder.is_dir() else "folder"
        raise BaseModelError(f"Base model '{base_model_id}' has lost its {what}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BaseModelError(f"Base model '{base_model_id}' is damaged: {type(error).__name__}: {error}") from error


def _read(base_model_id: str, folder: Path) -> BaseModelInfo:
    lineage = _object(folder / LINEAGE)
    files = lineage["files"]
    if not files:
        raise ValueError(f"{LINEAGE} names no files.")
    is_folder = WEIGHTS not in files
    hashes = {name: str(files[name]) for name in (files if is_folder else MODEL_FILES)}
    changed = changed_files(folder, {name: RecordedFile(digest) for name, digest in hashes.items()})
    changed += appeared_files(folder, hashes) if is_folder else []
    if changed:
        names = ", ".join(sorted(changed))
        raise BaseModelError(f"Base model '{base_model_id}' was changed since it was promoted: {names}.")
    if is_folder:
        return _from_folder(base_model_id, folder, lineage)
    config = _object(folder / CONFIG)
    if config["format"] != FORMAT:
        raise ValueError(f"{CONFIG} has an unknown format.")
    return BaseModelInfo(
        base_model_id=base_model_id,
        family=config["family"],
        parameters=config["parameters"],
        help=f"Trained from {config['base_model_id']}.",
        init_seed=0,
        architecture=Architecture(**config["architecture"]),
        source=PROMOTED,
        folder=folder,
        files_hash=content_hash_of(hashes),
    )


def _from_folder(base_model_id: str, folder: Path, lineage: Mapping[str, Any]) -> BaseModelInfo:
    return BaseModelInfo(
        base_model_id=base_model_id,
        family=str(lineage["family"]),
        parameters=int(lineage["parameters"]),
        help=f"Trained from {lineage['ancestors'][0]['base_model_id']}.",
        init_seed=0,
        source=PROMOTED,
        folder=folder,
        files_hash=content_hash_of(lineage["files"]),
    )


def _object(path: Path) -> dict[str, Any]:
    value = json.loads(read_text(path))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} does not contain an object.")
    return value
