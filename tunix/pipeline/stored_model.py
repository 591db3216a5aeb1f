"""The trained model of a completed run, loaded from its checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunix.pipeline import environment
from tunix.pipeline.data.chat.examples import MAX_ROWS_READ
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.folder import CHECKPOINT, FOLDER_FORMAT, MODEL, dataset_dir, run_dir
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo, UnknownBaseModel, verified
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.spec import RunSpec


def stored_model(spec: RunSpec, artifacts_dir: Path, threads: int | None = None) -> tuple[Any, RowTokenizer]:
    """Model and tokenizer of a run. Starts JAX with the threads of the run, or with `threads`.

    A checkpoint of a built-in model has all that it needs, so its base model may have been deleted. One of a model from
    a folder needs this folder. Raises EvaluationUnavailable if anything that is needed is gone, damaged or changed.
    """
    environment.prepare(threads or spec.threads)
    environment.use_compilation_cache(artifacts_dir / "cache" / "xla")
    folder = run_dir(artifacts_dir, spec.run_id) / CHECKPOINT
    try:
        if json.loads((folder / MODEL).read_text(encoding="utf-8"))["format"] == FOLDER_FORMAT:
            info = resolve_base_model(spec.base_model_id, artifacts_dir)
            return _on_folder(spec, verified(info, spec.base_model_hash), artifacts_dir, folder)
        from tunix.pipeline.models import checkpoint

        return checkpoint.load(folder)
    except FileNotFoundError:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is gone.") from None
    except (UnknownBaseModel, BaseModelError, DatasetError) as error:
        raise EvaluationUnavailable(f"The model of run {spec.run_id} cannot be built: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is damaged: {error}") from error


def _on_folder(spec: RunSpec, info: BaseModelInfo, artifacts_dir: Path, folder: Path) -> tuple[Any, RowTokenizer]:
    from tunix.pipeline.models.folder_base import folder_base

    shown: Sequence[Row] = ()
    if spec.prompt.examples:  # without them the dataset may be gone
        dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
        shown = dataset.sample("train", MAX_ROWS_READ, spec.row_order).rows
    base = folder_base(info, shown, spec.prompt)
    return base.stored(folder), base.tokenizer
