"""Holds the files of runs against the hashes in the database. Reads every file of a run: the slow part of a check."""

from __future__ import annotations

from collections.abc import Iterator

from tunix.pipeline.folder import CHECKPOINT
from tunix.runs.models import TunixRun
from tunix.runs.results import ResultUnreadable, changed_files, read_result

from .finding import Found, rule


@rule("G8", hint="The files were changed or lost after the end: restore them from a backup, or reproduce the run.")
def files_are_as_they_were(run: TunixRun) -> Iterator[Found]:
    """result.json has the hash of the row, and every file that it lists the hash that it lists."""
    if not run.result_hash:
        return
    try:
        result, digest = read_result(run.work_dir())
    except ResultUnreadable as error:
        yield Found(f"run {run.pk}: {error}")
        return
    if digest != run.result_hash:
        yield Found(f"run {run.pk}: result.json does not have the hash of the row")
    changed = [name for name in changed_files(run.work_dir(), result) if not _is_pruned(run, name)]
    if changed:
        yield Found(f"run {run.pk}: changed or missing: {', '.join(changed[:5])}")


def _is_pruned(run: TunixRun, name: str) -> bool:
    """`manage.py prune_artifacts` removes the weights of losing trials, the whole folder at a time."""
    return name.startswith(f"{CHECKPOINT}/") and not (run.work_dir() / CHECKPOINT).exists()


FILE_RULES = (files_are_as_they_were,)
