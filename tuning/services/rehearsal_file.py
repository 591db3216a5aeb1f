"""What is known of a job's rehearsal: a file in its folder, replaced as the rehearsal goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from tunix.pipeline.files import write_text

from ..ledger.files import request_of
from ..models import TuningJob

NAME = "rehearsal.json"
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
MOST_SECONDS = 1800
"""How long a rehearsal may take."""

_NOT_REHEARSED = {"name", "notes", "project", "budget_json", "guards_json", "confirmation_json", "num_samples", "seed"}
"""Fields of a definition that change nothing of what a rehearsal measures."""


@dataclass(frozen=True)
class KeptRehearsal:
    """The last rehearsal of a job. `measured` are the fields of the pipeline's `Rehearsal`, once it is done."""

    state: str
    definition: str
    at: str
    doing: str = ""
    error: str = ""
    setting: dict[str, Any] = field(default_factory=dict)
    """The hyperparameters that were rehearsed."""
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (WAITING, RUNNING)

    @property
    def is_lost(self) -> bool:
        """Whether it would be live, but has said nothing for too long."""
        silent = timezone.now() - datetime.fromisoformat(self.at)
        return self.is_live and silent.total_seconds() >= MOST_SECONDS


def definition_hash(job: TuningJob) -> str:
    """A hash of what a rehearsal depends on."""
    kept = {name: value for name, value in request_of(job).items() if name not in _NOT_REHEARSED}
    return hashlib.sha256(json.dumps([kept, job.dataset.version], sort_keys=True, default=str).encode()).hexdigest()


def read_rehearsal(job: TuningJob) -> KeptRehearsal | None:
    """The last rehearsal of the job as it is defined now; None if there is none. One that is lost has failed."""
    kept = stored_rehearsal(job)
    if kept is None or not kept.is_lost:
        return kept
    cause = "No worker has begun it" if kept.state == WAITING else "Its worker is gone"
    return replace(kept, state=FAILED, error=f"{cause}. Rehearse the job again.")


def stored_rehearsal(job: TuningJob) -> KeptRehearsal | None:
    """The last rehearsal as its file has it, even if it is lost: a worker may begin one that waited for long."""
    try:
        kept = KeptRehearsal(**json.loads((job.work_dir() / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.definition == definition_hash(job) else None


def write_rehearsal(job: TuningJob, state: str, **fields: Any) -> KeptRehearsal:
    """Replaces what is known. Raises OSError."""
    kept = KeptRehearsal(state, definition_hash(job), timezone.now().isoformat(), **fields)
    job.work_dir().mkdir(parents=True, exist_ok=True)
    write_text(job.work_dir() / NAME, json.dumps(asdict(kept), indent=2) + "\n")
    return kept


def setting_in_words(setting: Mapping[str, Any]) -> str:
    """`batch_size 64, max_seq_length 256`: what makes a setting large."""
    names = ("batch_size", "max_seq_length", "lora_rank", "lora_targets", "remat", "packing")
    return ", ".join(f"{name} {setting[name]}" for name in names if setting.get(name) not in (None, False))
