"""Finds temporary folders of ended epochs, which hold Ray's sessions. They are in the system's temporary folder.

Other installations may use it too, so a folder is only considered if a row of this installation has its name.
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
    owners: list[LeasedWork] = []
    for model in kinds_of_work():
        # The first eight digits of an id are the same with and without hyphens.
        ids = model.leased().annotate(text=Cast("pk", CharField()))
        owners.extend(ids.filter(text__startswith=prefix))
    for work in owners:
        is_running = work.status == "running" and work.epoch == epoch  # type: ignore[attr-defined]
        if is_running or scratch_dir(work.pk, epoch) != path:
            return
        if any(processes_marked(mark_of(work.KIND, work.pk, epoch))):
            return
    if owners:
        yield Removable("scratch", root, path, f"epoch {epoch} has ended")
