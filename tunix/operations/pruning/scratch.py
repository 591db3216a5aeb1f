"""Temporary folders of epochs that are over: Ray's sessions. They lie in the system's own folder for such things.

Other installations may use the same one, so a folder counts as ours only where its name is that of a row of ours.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db.models import CharField
from django.db.models.functions import Cast

from tunix.work.models import LeasedWork, kinds_of_work
from tunix.work.orphans import mark_of, processes_marked, scratch_dir

from .removing import Removable

_NAME = re.compile(r"tunix-([0-9a-f]{8})-(\d+)")


def dead_scratch() -> Iterator[Removable]:
    root = Path(tempfile.gettempdir())
    for path in sorted(root.glob("tunix-*")):
        match = _NAME.fullmatch(path.name)
        if match and not path.is_symlink() and path.lstat().st_uid == os.getuid():
            yield from _if_dead(path, root, match[1], int(match[2]))


def _if_dead(path: Path, root: Path, prefix: str, epoch: int) -> Iterator[Removable]:
    owners = [work for model in kinds_of_work() for work in _named(model, prefix)]
    if owners and all(_is_over(work, epoch) and scratch_dir(work.pk, epoch) == path for work in owners):
        yield Removable("scratch", root, path, f"epoch {epoch} is over")


def _named(model: type[LeasedWork], prefix: str) -> list[LeasedWork]:
    """Work whose id begins so. The first eight digits are the same with hyphens and without."""
    return list(model.leased().annotate(text=Cast("pk", CharField())).filter(text__startswith=prefix))


def _is_over(work: LeasedWork, epoch: int) -> bool:
    running = work.status == "running" and work.epoch == epoch  # type: ignore[attr-defined]
    return not running and not any(processes_marked(mark_of(work.KIND, work.pk, epoch)))
