"""Base models that were added as folders in the layout of Hugging Face, and the check that one is unchanged.

`artifacts/base_models/<id>/source.json` says where the folder is and what its files were: their hashes, and the stamps
by which a changed file is seen without reading it. The folder of a model that was copied is `files` beside it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunix.pipeline.files import read_text, write_text
from tunix.pipeline.models.base_models import ADDED, BaseModelError, BaseModelInfo
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, appeared_files
from tunix.pipeline.models.recorded_files import RecordedFile, changed_files, content_hash_of, hash_of
from tunix.pipeline.stamps import seconds_until_settled, stamp_of

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
FOLDER, SOURCE, FILES = "base_models", "source.json", "files"
FORMAT = 1

MOST_LOSS = 5.0
"""Above this mean loss of the smoke test, in nats per token, a model is taken to be misread."""

_CURE = "Restore the files, or delete the model and add the folder again."


def added_dir(artifacts_dir: Path, base_model_id: str) -> Path:
    """The folder of what is known about an added model."""
    return artifacts_dir / FOLDER / base_model_id


def added_names(artifacts_dir: Path) -> list[str]:
    """The ids of all added models."""
    return sorted(path.parent.name for path in (artifacts_dir / FOLDER).glob(f"*/{SOURCE}"))


def source_of(artifacts_dir: Path, base_model_id: str, model: PretrainedModel) -> dict[str, Any]:
    """Hashes the files of a model. Returns what its source.json says. Raises OSError.

    Waits until the files are old enough for their stamps to be trusted. Stamps are taken before the files are hashed: a
    change in between is then seen the next time.
    """
    paths = {name: model.folder / name for name in model.hashed_files}
    stamps = {name: stamp_of(path) for name, path in paths.items()}
    time.sleep(seconds_until_settled(stamps.values()))
    files = {name: RecordedFile(hash_of(model.folder, name), stamp[1:]) for name, stamp in stamps.items()}
    own, folder = added_dir(artifacts_dir, base_model_id).resolve(), model.folder.resolve()
    return {
        "format": FORMAT,
        "base_model_id": base_model_id,
        # That of a copy is relative, so that the artifacts folder can be moved.
        "folder": str(folder.relative_to(own) if folder.is_relative_to(own) else folder),
        "family": model.configuration.family.name,
        "parameters": model.parameters,
        "content_hash": content_hash_of({name: file.sha256 for name, file in files.items()}),
        "files": {name: {"sha256": file.sha256, "stamp": file.stamp} for name, file in files.items()},
    }


def write_source(artifacts_dir: Path, source: Mapping[str, Any]) -> str:
    """Writes the source.json of a model. Returns its content hash. Raises OSError."""
    write_text(added_dir(artifacts_dir, source["base_model_id"]) / SOURCE, json.dumps(source, indent=2) + "\n")
    return str(source["content_hash"])


def added_model(base_model_id: str, artifacts_dir: Path) -> BaseModelInfo:
    """The added model with this id. Reads only files whose stamps have changed.

    Raises BaseModelError if its folder is missing, or has other content than when it was added.
    """
    path = added_dir(artifacts_dir, base_model_id) / SOURCE
    try:
        return _read(base_model_id, path.parent, json.loads(read_text(path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaseModelError(f"Base model '{base_model_id}' is damaged: {SOURCE}: {error}") from error


def _read(base_model_id: str, own: Path, source: Mapping[str, Any]) -> BaseModelInfo:
    if source["format"] != FORMAT:
        raise ValueError("unknown format")
    folder = own / source["folder"]
    files = {
        name: RecordedFile(str(file["sha256"]), tuple(map(int, file["stamp"])))
        for name, file in source["files"].items()
    }
    _refuse_changes(base_model_id, folder, files)
    return BaseModelInfo(
        base_model_id=base_model_id,
        family=str(source["family"]),
        parameters=int(source["parameters"]),
        help=f"Added from {folder}.",
        init_seed=0,
        source=ADDED,
        folder=folder,
        files_hash=content_hash_of({name: file.sha256 for name, file in files.items()}),
    )


def _refuse_changes(base_model_id: str, folder: Path, files: Mapping[str, RecordedFile]) -> None:
    if not folder.is_dir():
        raise BaseModelError(f"The folder of base model '{base_model_id}' is missing: {folder}. {_CURE}")
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise BaseModelError(f"Base model '{base_model_id}' has lost {', '.join(missing)} in {folder}. {_CURE}")
    try:
        changed = changed_files(folder, files) + appeared_files(folder, files)
    except OSError as error:
        raise BaseModelError(f"{error.filename} cannot be read: {error.strerror or error}.") from error
    if changed:
        raise BaseModelError(
            f"Base model '{base_model_id}' was changed since it was added: {', '.join(changed)} in {folder}. {_CURE}"
        )
