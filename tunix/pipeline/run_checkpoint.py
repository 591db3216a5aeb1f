"""The checkpoint of a completed run, and the base model that it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.folder import CHECKPOINT, FOLDER_FORMAT, MODEL, run_dir
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo, UnknownBaseModel, verified
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.spec import RunSpec


@dataclass(frozen=True)
class RunCheckpoint:
    """A folder with a checkpoint. `base` is the model from a folder whose files it needs; one of a built-in model, or
    of one promoted from it, needs none: its base may have been deleted.
    """

    folder: Path
    base: BaseModelInfo | None


def run_checkpoint(spec: RunSpec, artifacts_dir: Path) -> RunCheckpoint:
    """Reads what the checkpoint says of itself, and verifies the base. Loads no JAX.

    Raises EvaluationUnavailable if the checkpoint is gone or damaged, or its base is not the one of the run.
    """
    folder = run_dir(artifacts_dir, spec.run_id) / CHECKPOINT
    try:
        if json.loads((folder / MODEL).read_text(encoding="utf-8"))["format"] != FOLDER_FORMAT:
            return RunCheckpoint(folder, None)
        info = resolve_base_model(spec.base_model_id, artifacts_dir)
        return RunCheckpoint(folder, verified(info, spec.base_model_hash))
    except FileNotFoundError:
        raise EvaluationUnavailable(
            f"The checkpoint of run {spec.run_id} is gone. Reproduce the run to train it again."
        ) from None
    except (UnknownBaseModel, BaseModelError) as error:
        raise EvaluationUnavailable(f"The base model of run {spec.run_id} cannot be used: {error}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(spec, error) from error


def damaged(spec: RunSpec, error: Exception) -> EvaluationUnavailable:
    """What is raised if the files of a checkpoint cannot be read."""
    return EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is damaged: {error}")
