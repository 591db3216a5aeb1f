"""Rehearses a job in a process of its own: neither web processes nor Celery workers load JAX."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.failures import message_of
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.base_models import BaseModelError, UnknownBaseModel
from tunix.pipeline.spec import DatasetRef, RunSpec
from tunix.runs.services import base_model_hash
from tunix.work.json_process import run_json_process

from ..domain.space.shared_adapters import has_dropout, largest_rank
from ..models import TuningJob
from ..services.rehearsal_file import (
    DONE,
    FAILED,
    MOST_SECONDS,
    RUNNING,
    WAITING,
    KeptRehearsal,
    stored_rehearsal,
    write_rehearsal,
)
from .contents import texts_of
from .sizes import memory_corner, sizes_of

_LONGEST_SENTENCE = 80

logger = logging.getLogger(__name__)


def rehearsed_spec(job: TuningJob) -> RunSpec:
    """The run of the job that takes the most memory. Raises DatasetError, UnknownBaseModel and BaseModelError."""
    texts = texts_of(job)
    _, setting = memory_corner(job, texts, sizes_of(texts))
    adapters = job.space(), job.fixed_params_json, job.given_params_json, job.method
    return RunSpec(
        run_id="rehearsal",
        method=job.method,
        base_model_id=job.base_model_id,
        base_model_hash=base_model_hash(job.base_model_id),
        dataset=DatasetRef(key=job.dataset_key, version=job.dataset.version),
        hyperparameters=resolve(job.fixed_params_json | setting, job.method),
        evaluation=job.evaluation.of_trials,
        threads=job.threads,
        prompt=job.prompt,
        lora_max_rank=largest_rank(*adapters),
        lora_drops=has_dropout(*adapters),
        row_order=HASH_ORDER,
    )


def rehearse_kept(job: TuningJob) -> None:
    """Rehearses a stored job that waits for it, and keeps progress and result, or any error, in its folder."""
    kept = stored_rehearsal(job)
    if kept is None or kept.state != WAITING:  # a message that comes twice finds nothing to do
        return
    try:
        rehearse_job(job, lambda fields: write_rehearsal(job, **fields))
    except Exception as error:  # or it would look as if it ran
        logger.exception("job %s: its rehearsal failed", job.pk)
        write_rehearsal(job, FAILED, error=message_of(error))


def rehearse_job(job: TuningJob, note: Callable[[dict[str, Any]], KeptRehearsal]) -> KeptRehearsal:
    """Rehearses a job; `note` is called with the fields of KeptRehearsal at each step, and returns them as a value."""
    try:
        spec = rehearsed_spec(job)
    except (DatasetError, UnknownBaseModel, BaseModelError) as error:
        return note({"state": FAILED, "error": str(error)})
    setting = dict(spec.hyperparameters)
    note({"state": RUNNING, "doing": "Starting.", "setting": setting})
    result = _measured(spec, lambda line: note({"state": RUNNING, "doing": line, "setting": setting}))
    if "error" in result:
        return note({"state": FAILED, "error": str(result["error"]), "setting": setting})
    return note({"state": DONE, "measured": result, "setting": setting})


def _measured(spec: RunSpec, on_line: Callable[[str], Any]) -> dict[str, Any]:
    """The measurements, or `{"error": ...}` with a sentence."""
    return run_json_process(
        "tunix.pipeline.rehearsal",
        what="The rehearsal",
        given={"spec": spec.model_dump(mode="json"), "artifacts_dir": str(settings.ARTIFACTS_DIR)},
        on_line=lambda line: _is_sentence(line) and on_line(line),
        most_seconds=MOST_SECONDS,
        cure="Lower batch_size or max_seq_length, or set remat to true.",
    )


def _is_sentence(line: str) -> bool:
    """Whether the rehearsal says how far it is; libraries write other lines."""
    return line.endswith(".") and len(line) < _LONGEST_SENTENCE
