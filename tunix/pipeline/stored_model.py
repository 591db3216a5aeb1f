"""The trained model of a completed run, loaded from its checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunix.pipeline import environment
from tunix.pipeline.data.chat.examples import MAX_ROWS_READ
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.folder import dataset_dir
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.run_checkpoint import damaged, run_checkpoint
from tunix.pipeline.spec import RunSpec


def stored_model(spec: RunSpec, artifacts_dir: Path, threads: int | None = None) -> tuple[Any, RowTokenizer]:
    """Model and tokenizer of a run. Starts JAX with the threads of the run, or with `threads`.

    Raises EvaluationUnavailable if anything that is needed is gone, damaged or changed.
    """
    checkpoint = run_checkpoint(spec, artifacts_dir)
    environment.prepare(threads or spec.threads)
    environment.use_compilation_cache(artifacts_dir / "cache" / "xla")
    try:
        if checkpoint.base is not None:
            return _on_folder(spec, checkpoint.base, artifacts_dir, checkpoint.folder)
        from tunix.pipeline.models import checkpoint as of_built_in

        return of_built_in.load(checkpoint.folder)
    except (BaseModelError, DatasetError) as error:
        raise EvaluationUnavailable(f"The model of run {spec.run_id} cannot be built: {error}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(spec, error) from error


def _on_folder(spec: RunSpec, info: BaseModelInfo, artifacts_dir: Path, folder: Path) -> tuple[Any, RowTokenizer]:
    from tunix.pipeline.models.folder_base import folder_base

    shown: Sequence[Row] = ()
    if spec.prompt.examples:  # without them the dataset may be gone
        dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
        shown = dataset.sample("train", MAX_ROWS_READ, spec.row_order).rows
    base = folder_base(info, shown, spec.prompt)
    return base.stored(folder), base.tokenizer
