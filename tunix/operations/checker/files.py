"""Holds the files of runs and of promoted models against the hashes in the database. Reads every one: the slow part."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from tunix.pipeline.folder import CHECKPOINT
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.promoted import resolve_base_model
from tunix.runs.models import BaseModel, TunixRun
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


@rule("G8", hint="Nothing starts from this model as it is: restore its folder from a backup, or promote the run again.")
def promoted_model_is_as_it_was(model: BaseModel) -> Iterator[Found]:
    """The folder of a promoted model holds the files that its row has the hash of."""
    try:
        info = resolve_base_model(model.base_model_id, settings.ARTIFACTS_DIR)
    except BaseModelError as error:
        yield Found(str(error))
        return
    if info.content_hash != model.content_hash:
        yield Found(f"{model.base_model_id}: its files do not have the hash of the row")


MODEL_RULES = (promoted_model_is_as_it_was,)
FILE_RULES = (files_are_as_they_were,)
