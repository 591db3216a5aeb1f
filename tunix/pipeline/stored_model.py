"""The trained model of a completed run, loaded from its checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tunix.pipeline import environment
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.folder import CHECKPOINT, run_dir
from tunix.pipeline.spec import RunSpec


def stored_model(spec: RunSpec, artifacts_dir: Path, threads: int | None = None) -> tuple[Any, RowTokenizer]:
    """Model and tokenizer of a run. Starts JAX with the threads of the run, or with `threads`.

    Raises EvaluationUnavailable if the checkpoint is gone or damaged.
    """
    environment.prepare(threads or spec.threads)
    environment.use_compilation_cache(artifacts_dir / "cache" / "xla")
    from tunix.pipeline.models import checkpoint

    try:
        return checkpoint.load(run_dir(artifacts_dir, spec.run_id) / CHECKPOINT)
    except FileNotFoundError:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is gone.") from None
    except (ValueError, KeyError) as error:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is damaged: {error}") from error
