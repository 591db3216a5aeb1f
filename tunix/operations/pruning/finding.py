"""Finds what may be removed. All finders are generators, so each condition is checked just before the removal.

A folder may exist a few seconds before its row, so nothing younger than the minimum age is yielded. Only caches have no
minimum age: they are removed on request while nothing is live.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from tuning.choices import TERMINAL_JOB_STATUSES, TrialKind
from tuning.models import TuningJob
from tunix.datasets.models import Dataset
from tunix.datasets.storage import PREFIX
from tunix.evaluation.models import Evaluation
from tunix.pipeline.folder import CHECKPOINT, RUNS
from tunix.pipeline.models.added import FOLDER as ADDED
from tunix.runs.models import BaseModel, Generation, TunixRun

from .live import anything_is_live, live_jobs, live_runs
from .removing import TEMPORARY, Removable, is_real, newest_change
from .scratch import dead_scratch

_BEST = re.compile(r"best\.(\d+)\.json")


@dataclass(frozen=True)
class Rules:
    """What the operator allows: the minimum age in seconds, and days to keep losing checkpoints (0: forever)."""

    min_age_seconds: float = 24 * 3600
    checkpoint_days: int = 0
    caches: bool = False


def removables(rules: Rules) -> Iterator[Removable]:
    """Everything that may be removed, folders without a row first. Links and recent files are left out."""
    for found in _candidates(rules):
        if not is_real(found.path, found.root):
            continue
        if found.kind == "cache" or time.time() - newest_change(found.path) >= rules.min_age_seconds:
            yield found


def _candidates(rules: Rules) -> Iterator[Removable]:
    yield from _strays(RUNS, lambda name: _is_id(name) and TunixRun.objects.filter(pk=name).exists())
    yield from _strays(Generation.FOLDER, lambda name: _is_id(name) and Generation.objects.filter(pk=name).exists())
    yield from _strays("tuning", lambda name: _is_id(name) and TuningJob.objects.filter(pk=name).exists())
    yield from _strays("datasets", lambda name: Dataset.objects.filter(key=name).exists())
    yield from _strays(ADDED, lambda name: BaseModel.objects.filter(base_model_id=name).exists())
    yield from _stray_evaluations()
    yield from _stray_models()
    yield from _temporary_files()
    yield from _of_earlier_epochs()
    yield from dead_scratch()
    if rules.checkpoint_days > 0:
        yield from _losing_checkpoints(rules.checkpoint_days)
    if rules.caches and not anything_is_live():
        yield from (_removable("cache", path, "can be rebuilt") for path in _entries(_artifacts() / "cache"))


def _strays(folder: str, has_row: Callable[[str], bool]) -> Iterator[Removable]:
    for path in _entries(_artifacts() / folder):
        if path.is_dir() and not path.name.startswith(".") and not has_row(path.name):
            yield _removable("stray", path, "no row refers to it")


def _stray_evaluations() -> Iterator[Removable]:
    for run in _entries(_artifacts() / RUNS):
        for path in _entries(run / "evaluations"):
            if run.name in live_runs():
                break
            if not (_is_id(path.name) and Evaluation.objects.filter(pk=path.name).exists()):
                yield _removable("stray", path, "no row refers to it")


def _stray_models() -> Iterator[Removable]:
    """Promotions that never committed. A model with a row is kept, even if its run is gone."""
    for name in _entries(_artifacts() / "models"):
        for path in _entries(name):
            if path.name.isdecimal() and not BaseModel.objects.filter(path=f"models/{name.name}/{path.name}").exists():
                yield _removable("stray", path, "no row refers to it")


def _temporary_files() -> Iterator[Removable]:
    """Files and folders with temporary names that killed writers left, except those of live work."""
    live = live_runs() | live_jobs()
    for folder in (RUNS, "tuning", "datasets", "models", ADDED, "exports", "checkpoints"):
        for top in _entries(_artifacts() / folder):
            if top.name not in live:
                yield from _temporary_in(top)


def _temporary_in(path: Path) -> Iterator[Removable]:
    if TEMPORARY.fullmatch(path.name) or path.name.startswith(PREFIX):
        yield _removable("temporary", path, "its writer is gone")
        return
    for entry in _entries(path):
        yield from _temporary_in(entry)


def _of_earlier_epochs() -> Iterator[Removable]:
    """Ray's folders and unpublished best files of epochs that have ended."""
    for job in TuningJob.objects.filter(status__in=TERMINAL_JOB_STATUSES).only("pk", "epoch").iterator():
        if str(job.pk) in live_jobs():
            continue
        for path in _entries(job.work_dir() / "ray"):
            if path.name.isdecimal() and int(path.name) < job.epoch:
                yield _removable("ray", path, f"epoch {path.name} has ended")
        for path in _entries(job.work_dir()):
            match = _BEST.fullmatch(path.name)
            if match and int(match[1]) < job.epoch:
                yield _removable("temporary", path, f"epoch {match[1]} has ended")


def _losing_checkpoints(days: int) -> Iterator[Removable]:
    """Weights of losing search trials and of executions that did not count, of jobs that have ended."""
    before = timezone.now() - timedelta(days=days)
    over = Q(attempt__trial__job__status__in=TERMINAL_JOB_STATUSES, attempt__trial__job__finished_at__lt=before)
    runs = TunixRun.objects.filter(over, finished_at__lt=before).exclude(keeps_weights())
    for run in runs.order_by().distinct().only("pk").iterator():
        path = run.work_dir() / CHECKPOINT
        if path.is_dir() and run.run_id not in live_runs():
            yield _removable("checkpoint", path, "its trial did not win")


def keeps_weights() -> Q:
    """Of runs: those whose weights are never removed, because a job or a comparison needs them, or no job has them."""
    of_no_job = Q(attempt=None)
    counts = Q(attempt__trial__run=F("pk")) & ~Q(attempt__trial__kind=TrialKind.SEARCH)
    chosen = Q(best_of_jobs__isnull=False) | Q(confirmed_of_jobs__isnull=False) | Q(baselines__isnull=False)
    return of_no_job | counts | chosen


def _artifacts() -> Path:
    folder: Path = settings.ARTIFACTS_DIR
    return folder


def _removable(kind: str, path: Path, why: str) -> Removable:
    return Removable(kind, _artifacts(), path, why)


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder, without links; empty if the folder does not exist or is a link itself."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.is_symlink())


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
