"""Checks the files of runs and models against the hashes in the database. It reads all of them: slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from tuning.analysis.guards import stored_scores
from tuning.choices import TrialStatus
from tuning.models import TuningTrial
from tunix.evaluation.recording import result_fields
from tunix.operations.pruning.finding import keeps_weights
from tunix.pipeline.files import read_text
from tunix.pipeline.folder import CHECKPOINT, SPEC
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.spec import RunResult, RunSpec
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.results import ResultUnreadable, changed_files, read_result

from .finding import Found, rule


@dataclass
class RunFiles:
    """A run with its result, which is read once for all rules."""

    run: TunixRun
    is_judged: bool
    """Whether its verdict is recorded."""
    trial: TuningTrial | None = None
    """The trial that counts the run, if one does."""

    @cached_property
    def read(self) -> tuple[RunResult, str] | str:
        """The result and its hash, or why it cannot be read."""
        try:
            return read_result(self.run.work_dir())
        except ResultUnreadable as error:
            return str(error)

    @property
    def result(self) -> RunResult | None:
        """The result that the row has the hash of."""
        if isinstance(self.read, str) or self.read[1] != self.run.result_hash:
            return None
        return self.read[0]


@rule(
    "G8", hint="The files were changed or lost after the run ended. Restore them from a backup, or reproduce the run."
)
def files_are_as_they_were(files: RunFiles) -> Iterator[Found]:
    """result.json has the hash in the row, and every file that it lists has the listed hash."""
    run = files.run
    if not run.result_hash:
        return
    if isinstance(files.read, str):
        yield Found(f"run {run.pk}: {files.read}")
        return
    result, digest = files.read
    if digest != run.result_hash:
        yield Found(f"run {run.pk}: result.json does not have the hash of the row")
    changed = changed_files(run.work_dir(), result)
    if not (run.work_dir() / CHECKPOINT).exists():
        # `manage.py prune_artifacts` removes the weights of losing trials, always the whole folder.
        changed = [name for name in changed if not name.startswith(f"{CHECKPOINT}/")]
    if changed:
        yield Found(f"run {run.pk}: changed or missing: {', '.join(changed[:5])}")


@rule("G8", hint="Restore its folder from a backup, or reproduce the run, which trains it again.")
def weights_are_kept(files: RunFiles) -> Iterator[Found]:
    """The weights of a winner, of a confirmation, of a baseline and of a single run are there.

    `manage.py prune_artifacts` removes only those of losing trials.
    """
    run, result = files.run, files.result
    if result is None or not any(name.startswith(f"{CHECKPOINT}/") for name in result.files):
        return
    if not (run.work_dir() / CHECKPOINT).exists() and TunixRun.objects.filter(keeps_weights(), pk=run.pk).exists():
        yield Found(f"run {run.pk}: its weights are missing, and only those of losing trials are removed")


@rule("G8", hint="The row was changed after the run ended; result.json has what was written. Restore the row.")
def runs_are_as_their_results(files: RunFiles) -> Iterator[Found]:
    """The row of an ended run has what its result says, and spec.json is what the run was asked for."""
    run, result = files.run, files.result
    if result is None:
        return
    status, fields = result_fields(run, result, run.result_hash)
    del fields["error"]  # which folders are taken out of it depends on the release, and on the user of the process
    expected = fields | {"status": status} | _columns_of_spec(run)
    other = sorted(name for name, value in expected.items() if getattr(run, name) != value)
    if other:
        yield Found(f"run {run.pk}: its row has another {', '.join(other)} than its result")
    if SPEC in result.files and _stored_spec(run) not in (None, run.spec):
        yield Found(f"run {run.pk}: its config is not that of {SPEC}")


@rule("G6", hint="The row was changed after the trial ended; result.json has what was written. Restore the row.")
def trials_are_as_their_results(files: RunFiles) -> Iterator[Found]:
    """A completed trial has the scores on its guards, and the steps, that are in the result of its run."""
    trial, result = files.trial, files.result
    if trial is None or result is None or trial.status != TrialStatus.COMPLETED:
        return
    expected = {"guards_json": stored_scores(result), "trained_steps": result.step}
    other = sorted(name for name, value in expected.items() if getattr(trial, name) != value)
    if other:
        yield Found(f"its row has another {', '.join(other)} than the result of run {files.run.pk}", trial.number)


def _columns_of_spec(run: TunixRun) -> dict[str, Any]:
    spec = run.spec
    return {"base_model_id": spec.base_model_id, "method": spec.method, "seed": spec.hyperparameters.get("seed", 0)}


def _stored_spec(run: TunixRun) -> RunSpec | None:
    """None if it cannot be read, which the hashes find."""
    try:
        return RunSpec.model_validate_json(read_text(run.work_dir() / SPEC))
    except (OSError, ValueError):
        return None


@rule("G6", hint="Its row was removed. Restore it from a backup, or judge the run again.")
def verdicts_are_recorded(files: RunFiles) -> Iterator[Found]:
    """A run whose result has a verdict has an evaluation."""
    if files.result is not None and files.result.verdict is not None and not files.is_judged:
        yield Found(f"run {files.run.pk}: its result has a verdict, but it has no evaluation")


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
FILE_RULES = (
    files_are_as_they_were,
    weights_are_kept,
    runs_are_as_their_results,
    verdicts_are_recorded,
    trials_are_as_their_results,
)
