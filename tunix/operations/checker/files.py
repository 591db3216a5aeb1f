"""Checks the files of runs and models against the hashes in the database. It reads all of them: slow."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from tunix.pipeline.folder import CHECKPOINT
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.results import ResultUnreadable, changed_files, read_result

from .finding import Found, rule


@rule(
    "G8", hint="The files were changed or lost after the run ended. Restore them from a backup, or reproduce the run."
)
def files_are_as_they_were(run: TunixRun) -> Iterator[Found]:
    """result.json has the hash in the row, and every file that it lists has the listed hash."""
    if not run.result_hash:
        return
    try:
        result, digest = read_result(run.work_dir())
    except ResultUnreadable as error:
        yield Found(f"run {run.pk}: {error}")
        return
    if digest != run.result_hash:
        yield Found(f"run {run.pk}: result.json does not have the hash of the row")
    changed = changed_files(run.work_dir(), result)
    if not (run.work_dir() / CHECKPOINT).exists():
        # `manage.py prune_artifacts` removes the weights of losing trials, always the whole folder.
        changed = [name for name in changed if not name.startswith(f"{CHECKPOINT}/")]
    if changed:
        yield Found(f"run {run.pk}: changed or missing: {', '.join(changed[:5])}")


@rule("G8", hint="No run can use this model. Restore its folder, or promote the run or add the folder again.")
def model_is_as_it_was(model: BaseModel) -> Iterator[Found]:
    """The files of a promoted or added model have the hash in its row."""
    try:
        info = resolve_base_model(model.base_model_id, settings.ARTIFACTS_DIR)
    except BaseModelError as error:
        yield Found(str(error))
        return
    if info.content_hash != model.content_hash:
        yield Found(f"{model.base_model_id}: its files do not have the hash of the row")


MODEL_RULES = (model_is_as_it_was,)
FILE_RULES = (files_are_as_they_were,)
