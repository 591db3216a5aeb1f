"""What is known of a run's export below `artifacts/exports`: a file beside its folders, replaced as it goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from tunix.pipeline.files import write_text
from tunix.pipeline.folder import CHECKPOINT, FOLDER_FORMAT, MODEL
from tunix.work.json_process import MOST_SECONDS as MOST_SECONDS_OF_COMPARISON

from .base_models.serving import comparison
from .models import TunixRun

FOLDER, NAME = "exports", "export.json"
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
MOST_SECONDS = 2 * MOST_SECONDS_OF_COMPARISON
"""How long an export may wait, and then take."""


@dataclass(frozen=True)
class KeptExport:
    """The last export of a run. `check` is how the merged model compares with the run, once that is known."""

    state: str
    at: str
    error: str = ""
    merged: str = ""
    adapter: str = ""
    commands: list[str] = field(default_factory=list)
    check: dict[str, Any] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (WAITING, RUNNING)

    @property
    def comparison(self) -> str:
        """How the merged model compares with the run, in sentences; empty without a merged model."""
        return comparison(self.check) if self.merged else ""


def export_dir(run: TunixRun) -> Path:
    """Where a run is exported to unless another folder is named."""
    return settings.ARTIFACTS_DIR / FOLDER / run.run_id


def read_export(run: TunixRun) -> KeptExport | None:
    """The last export of the run, or None. One whose worker is gone has failed."""
    try:
        kept = KeptExport(**json.loads((export_dir(run) / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    silent = timezone.now() - datetime.fromisoformat(kept.at)
    if not kept.is_live or silent.total_seconds() < MOST_SECONDS:
        return kept
    cause = "No worker has begun it" if kept.state == WAITING else "Its worker is gone"
    return replace(kept, state=FAILED, error=f"{cause}. Export the run again.")


def write_export(run: TunixRun, state: str, **fields: Any) -> None:
    """Replaces what is known. Raises OSError."""
    kept = KeptExport(state, timezone.now().isoformat(), **fields)
    export_dir(run).mkdir(parents=True, exist_ok=True)
    write_text(export_dir(run) / NAME, json.dumps(asdict(kept), indent=2) + "\n")


def began_as_folder(run: TunixRun) -> bool:
    """Whether the checkpoint of a run is that of a model from a folder, which can be exported."""
    try:
        described = json.loads((run.work_dir() / CHECKPOINT / MODEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and described.get("format") == FOLDER_FORMAT
