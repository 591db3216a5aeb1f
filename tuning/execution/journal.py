"""A record of each trial's execution in a file outside the database: `TRIAL_JOURNAL=<file>`.

The checker and the fault tests compare it with the rows. Each event is one line, appended by a single write, so that
processes can share the file and a killed one leaves no partial line. Without the variable nothing is written.
"""

from __future__ import annotations

import json
import logging
import os
import time
from typing import Any

from tuning.domain.space.params_hash import params_hash
from tunix.pipeline.spec import RunResult, RunSpec

logger = logging.getLogger(__name__)


def note_started(config: dict[str, Any], spec: RunSpec) -> None:
    """Record that the execution of `config` has started."""
    _append("started", config, spec)


def note_ended(config: dict[str, Any], spec: RunSpec, result: RunResult) -> None:
    """Record that the execution has a result, before it is reported to Ray."""
    _append("ended", config, spec, outcome=str(result.outcome), metrics=result.metrics)


def _append(event: str, config: dict[str, Any], spec: RunSpec, **more: Any) -> None:
    path = os.environ.get("TRIAL_JOURNAL")
    if not path:
        return
    line = {
        "event": event,
        "run_id": spec.run_id,
        "trial": config["number"],
        "attempt_id": config["attempt_id"],
        "attempt_number": config["attempt_number"],
        "params_hash": params_hash(spec.hyperparameters),
        "pid": os.getpid(),
        "at": time.time(),
        **more,
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(line) + "\n").encode())
        finally:
            os.close(descriptor)
    except OSError as error:  # recording must never change the outcome of a trial
        logger.warning("the journal cannot be written: %s", error)
