"""Rehearses a job in a process of its own: neither web processes nor Celery workers load JAX."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import Event, Thread, Timer
from typing import IO, Any, cast

from django.conf import settings

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.failures import message_of
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.base_models import BaseModelError, UnknownBaseModel
from tunix.pipeline.spec import DatasetRef, RunSpec
from tunix.runs.services import base_model_hash
from tunix.work.runner import SECRETS

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

_TAIL = 400
_SMALLER = "Lower batch_size or max_seq_length"

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
    given = json.dumps({"spec": spec.model_dump(mode="json"), "artifacts_dir": str(settings.ARTIFACTS_DIR)})
    lines: list[str] = []
    is_late = Event()

    def end() -> None:
        is_late.set()
        process.kill()

    with subprocess.Popen(
        [sys.executable, "-m", "tunix.pipeline.rehearsal"],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in SECRETS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        source, sink = cast("IO[str]", process.stdout), cast("IO[str]", process.stdin)
        follower = Thread(target=_follow, args=(process.stderr, lines, on_line), daemon=True)
        limit = Timer(MOST_SECONDS, end)
        follower.start()
        limit.start()
        try:
            sink.write(given)
            sink.close()
            output = source.read()
            follower.join()
        except BrokenPipeError:  # it has ended already, which its exit code says
            output = ""
        finally:
            limit.cancel()
    return _result(process.returncode, output, lines, is_late=is_late.is_set())


def _follow(stream: IO[str], lines: list[str], on_line: Callable[[str], Any]) -> None:
    """Sentences of the rehearsal are progress; what libraries write is kept for an error."""
    for line in stream:
        lines.append(line)
        if line.endswith(".\n") and len(line) < 80:
            on_line(line.strip())


def _result(code: int, output: str, lines: list[str], *, is_late: bool = False) -> dict[str, Any]:
    try:
        return dict(json.loads(output.splitlines()[-1]))
    except (IndexError, ValueError, TypeError):
        pass
    if is_late:
        return {"error": f"The rehearsal took more than {MOST_SECONDS // 60} minutes and was ended. {_SMALLER}."}
    if code == -signal.SIGKILL:
        cause = "The rehearsal was ended by signal 9: it probably did not fit into the memory."
        return {"error": f"{cause} {_SMALLER}, or set remat to true."}
    return {"error": f"The rehearsal ended with exit code {code}: {''.join(lines).strip()[-_TAIL:]}"}
