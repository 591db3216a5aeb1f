"""The files of a model that is being promoted, under a temporary name: a copied checkpoint, or an exported folder."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tunix.api.exceptions import Conflict
from tunix.pipeline.exporting import ADAPTER, TrainedModel, trained_model
from tunix.pipeline.files import sha256
from tunix.pipeline.folder import CHECKPOINT
from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.promoted import hashes_of
from tunix.pipeline.spec import RunResult
from tunix.work.disk import refuse_full_disk

from ..kept_exports import began_as_folder
from ..models import TunixRun
from ..results import changed_files
from .columns import columns_of
from .files import copy_checkpoint
from .serving import prompt_section


@dataclass(frozen=True)
class StagedModel:
    """A temporary folder and the hashes of its files. Of a folder in the layout of Hugging Face also what it is:
    columns of its row, and what its lineage adds to that of other models.
    """

    folder: Path
    files: Mapping[str, str]
    columns: Mapping[str, Any] = field(default_factory=dict)
    lineage: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def staged_model(run: TunixRun, result: RunResult, name: str, parameters: int) -> Iterator[StagedModel]:
    """The files of the run's checkpoint in a temporary folder, removed unless published.

    Raises Conflict if the checkpoint is missing or was changed, and NoSpace.
    """
    folder = settings.ARTIFACTS_DIR / "models" / name / f".{uuid.uuid4().hex[:8]}.{os.getpid()}.tmp"
    try:
        with refuse_full_disk("There is no space for the model. Free some space and promote it again."):
            if began_as_folder(run):
                yield _exported(run, result, folder)
            else:
                copy_checkpoint(run, result, folder, parameters)
                yield StagedModel(folder, hashes_of(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exported(run: TunixRun, result: RunResult, folder: Path) -> StagedModel:
    changed = [name for name in changed_files(run.work_dir(), result) if name.startswith(f"{CHECKPOINT}/")]
    if changed:
        raise Conflict(f"The run's checkpoint was changed: {', '.join(changed)}. Run it again.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        trained = trained_model(run.spec, settings.ARTIFACTS_DIR)
        exported = trained.export_merged(folder)
        rank = None
        if isinstance(trained.trained, StoredAdapters):
            card = prompt_section(trained.described_prompt(), is_adapter=True)
            trained.export_adapter(folder / ADAPTER, card=card)
            rank = trained.trained.rank
    except ExportError as error:
        raise Conflict(f"The run cannot be promoted: {error}") from error
    return StagedModel(
        folder,
        {name: sha256(folder / name) for name in exported.hashed_files},
        columns_of(exported),
        _additions(exported, trained, rank),
    )


def _additions(exported: PretrainedModel, trained: TrainedModel, rank: int | None) -> dict[str, Any]:
    """What the lineage of a folder has besides: `rank` is that of its adapter, or None without one."""
    family = exported.configuration.family
    return {
        "family": family.name,
        "title": family.title,
        "parameters": exported.parameters,
        "base_folder": str(trained.base.folder),
        "rank": rank,
        "prompt": trained.described_prompt(),
        "export": {},
    }
