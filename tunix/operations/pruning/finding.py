"""What may go. Each finder is a generator, so that what it yields was true a moment before it is removed.

A folder is younger than its row in no case but a few seconds; nothing younger than an age floor is yielded.
Caches alone know no age: they go when they are asked for and nothing is at work.
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
from tunix.runs.models import BaseModel, TunixRun

from .live import anything_is_live, live_jobs, live_runs
from .removing import TEMPORARY, Leftover, is_real, newest_change
from .scratch import dead_scratch

_BEST = re.compile(r"best\.(\d+)\.json")


@dataclass(frozen=True)
class Rules:
    """What the operator allows: the age floor in seconds, days that losing checkpoints are kept (0: for ever)."""

    min_age_seconds: float = 24 * 3600
    checkpoint_days: int = 0
    caches: bool = False


def leftovers(rules: Rules) -> Iterator[Leftover]:
    """Everything that may go, the strays first. Links, and what is too young, are left out."""
    for found in _candidates(rules):
        if is_real(found.path, found.root) and (found.kind == "cache" or _is_old(found.path, rules)):
            yield found


def _candidates(rules: Rules) -> Iterator[Leftover]:
    yield from _strays(RUNS, _is_run)
    yield from _strays("tuning", _is_job)
    yield from _strays("datasets", _is_dataset)
    yield from _stray_evaluations()
    yield from _stray_models()
    yield from _temporary_files()
    yield from _of_earlier_epochs()
    yield from dead_scratch()
    if rules.checkpoint_days > 0:
        yield from _losing_checkpoints(rules.checkpoint_days)
    if rules.caches and not anything_is_live():
        yield from (_leftover("cache", path, "can be made again") for path in _entries(_artifacts() / "cache"))


def _strays(room: str, has_row: Callable[[str], bool]) -> Iterator[Leftover]:
    for path in _entries(_artifacts() / room):
        if path.is_dir() and not path.name.startswith(".") and not has_row(path.name):
            yield _leftover("stray", path, "no row names it")


def _is_run(name: str) -> bool:
    return _is_id(name) and TunixRun.objects.filter(pk=name).exists()


def _is_job(name: str) -> bool:
    return _is_id(name) and TuningJob.objects.filter(pk=name).exists()


def _is_dataset(name: str) -> bool:
    return Dataset.objects.filter(key=name).exists()


def _stray_evaluations() -> Iterator[Leftover]:
    for run in _entries(_artifacts() / RUNS):
        for path in _entries(run / "evaluations"):
            if run.name in live_runs():
                break
            if not (_is_id(path.name) and Evaluation.objects.filter(pk=path.name).exists()):
                yield _leftover("stray", path, "no row names it")


def _stray_models() -> Iterator[Leftover]:
    """Promotions that never committed. A model with a row stays, whatever became of the run that it came from."""
    for name in _entries(_artifacts() / "models"):
        for path in _entries(name):
            if path.name.isdecimal() and not BaseModel.objects.filter(path=f"models/{name.name}/{path.name}").exists():
                yield _leftover("stray", path, "no row names it")


def _temporary_files() -> Iterator[Leftover]:
    """What a killed writer left under a temporary name, files and folders; nothing of live work."""
    live = live_runs() | live_jobs()
    for room in (RUNS, "tuning", "datasets", "models"):
        for top in _entries(_artifacts() / room):
            if top.name not in live:
                yield from _temporary_in(top)


def _temporary_in(path: Path) -> Iterator[Leftover]:
    if TEMPORARY.fullmatch(path.name) or path.name.startswith(PREFIX):
        yield _leftover("temporary", path, "its writer is gone")
        return
    for entry in _entries(path):
        yield from _temporary_in(entry)


def _of_earlier_epochs() -> Iterator[Leftover]:
    """Ray's folders and unpublished best files of epochs that are over."""
    for job in TuningJob.objects.filter(status__in=TERMINAL_JOB_STATUSES).only("pk", "epoch").iterator():
        if str(job.pk) in live_jobs():
            continue
        for path in _entries(job.work_dir() / "ray"):
            if path.name.isdecimal() and int(path.name) < job.epoch:
                yield _leftover("ray", path, f"epoch {path.name} is over")
        for path in _entries(job.work_dir()):
            match = _BEST.fullmatch(path.name)
            if match and int(match[1]) < job.epoch:
                yield _leftover("temporary", path, f"epoch {match[1]} is over")


def _losing_checkpoints(days: int) -> Iterator[Leftover]:
    """Weights of search trials that did not win and of executions that did not count, of jobs that have ended."""
    before = timezone.now() - timedelta(days=days)
    job = "attempt__trial__job"
    over = Q(**{f"{job}__status__in": TERMINAL_JOB_STATUSES, f"{job}__finished_at__lt": before})
    counts = Q(attempt__trial__run=F("pk")) & ~Q(attempt__trial__kind=TrialKind.SEARCH)
    kept = Q(best_of_jobs__isnull=False) | Q(confirmed_of_jobs__isnull=False) | Q(baselines__isnull=False)
    runs = TunixRun.objects.filter(over, finished_at__lt=before).exclude(counts).exclude(kept)
    for run in runs.order_by().distinct().only("pk").iterator():
        path = run.work_dir() / CHECKPOINT
        if path.is_dir() and run.run_id not in live_runs():
            yield _leftover("checkpoint", path, "its trial did not win")


def _artifacts() -> Path:
    folder: Path = settings.ARTIFACTS_DIR
    return folder


def _leftover(kind: str, path: Path, why: str) -> Leftover:
    return Leftover(kind, _artifacts(), path, why)


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, links left out; nothing where there is none, or where it is a link."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.is_symlink())


def _is_old(path: Path, rules: Rules) -> bool:
    return time.time() - newest_change(path) >= rules.min_age_seconds


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
