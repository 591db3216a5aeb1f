"""Reproduces a completed run and reports the differences."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tunix.api.exceptions import Conflict, InvalidInput
from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.pipeline.data.rows import DatasetError, version_on_disk
from tunix.pipeline.folder import JUDGEMENTS, PREDICTIONS
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, names_of
from tunix.pipeline.provenance.environment_snapshot import SNAPSHOT, read_snapshot
from tunix.pipeline.provenance.reproduction import compare, not_compared
from tunix.pipeline.provenance.run_record import RunRecord, ScoredPrediction
from tunix.pipeline.spec import DatasetRef, GuardSpec, RunOutcome, RunResult, RunSpec
from tunix.pipeline.spec_fields import read_hyperparameters
from tunix.validation.errors import Faults
from tunix.work.disk import refuse_without_space

from .choices import RunStatus
from .models import TunixRun
from .outputs import Predictions
from .results import ResultUnreadable, changed_files, read_result
from .services import build_spec, get_base_model, queue_run
from .validation import MAX_NAME_LENGTH, read_usable_evaluation

logger = logging.getLogger(__name__)

_COMPARED = (PREDICTIONS, JUDGEMENTS, SNAPSHOT)


def reproduce_run(*, run: TunixRun, actor: Any, dispatched: bool = True) -> TunixRun:
    """Creates a pending single run with the hyperparameters, seed and threads of `run`.

    It uses the current rows of the dataset; the report lists any that changed. Raises Conflict if `run` has not
    completed or its files are missing or changed, InvalidInput if its dataset, base model, judge or a hyperparameter
    no longer exists, NoSpace and OverQuota.
    """
    refuse_without_space()
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be reproduced; this one is {run.get_status_display()}.")
    _recorded(run)
    return queue_run(
        spec=_current_spec(run),
        name=f"reproduction of {run.name or run.run_id[:8]}"[:MAX_NAME_LENGTH],
        project=run.project,
        owner=actor,
        dispatched=dispatched,
        reproduces=run,
    )


def report_on(run: TunixRun, result: RunResult) -> dict[str, Any]:
    """The report on a reproduction that ended with `result`; empty if there is nothing to report. Never raises."""
    if run.reproduces is None or result.outcome != RunOutcome.COMPLETED:
        return {}
    try:
        report = compare(_recorded(run.reproduces), _record(run, result))
    except Conflict as error:
        report = not_compared(error.detail)
    except Exception as error:
        logger.exception("run %s: the report on its reproduction failed", run.pk)
        report = not_compared(f"{type(error).__name__}.")
    return report.model_dump(mode="json")


def _recorded(run: TunixRun) -> RunRecord:
    """The record of a completed run. Raises Conflict if its files are missing or changed."""
    try:
        result, digest = read_result(run.work_dir())
    except ResultUnreadable as error:
        raise Conflict(f"A reproduction could not be compared with this run: {error}") from error
    changed = [name for name in changed_files(run.work_dir(), result) if name in _COMPARED]
    if changed or (run.result_hash and digest != run.result_hash):
        names = ", ".join(changed) or "result.json"
        raise Conflict(f"Files of run {run.pk} are missing or were changed: {names}.")
    return _record(run, result)


def _record(run: TunixRun, result: RunResult) -> RunRecord:
    folder: Path = run.work_dir()
    rows = Predictions(folder)
    if damage := rows.damage():
        raise Conflict(damage)
    predictions = [
        ScoredPrediction(
            row["prompt"], row["answer"], row["prediction"], row["score"], row["row"], row.get("sample", 0)
        )
        for row in rows
    ]
    # Specs of old runs still say sft, and lack the hyperparameters that there were not yet.
    known = {name: HYPERPARAMETERS[name].default for name in names_of(run.method)}
    hyperparameters = {"hyperparameters": known | run.config_json["hyperparameters"]}
    spec = run.config_json | {"method": run.method} | hyperparameters
    return RunRecord(spec, result, predictions, read_snapshot(folder))


def _current_spec(run: TunixRun) -> RunSpec:
    """The spec of `run` with a new id and the current rows. Raises InvalidInput."""
    try:
        old = run.spec
    except ValidationError as error:
        raise InvalidInput({"run": [f"Its specification cannot be read: {error.errors()[0]['msg']}."]}) from error
    dataset, base_model = get_dataset(old.dataset.key), get_base_model(old.base_model_id)
    faults = Faults()
    checked = {
        "hyperparameters": read_hyperparameters(old.hyperparameters, old.method, faults),
        "evaluation": read_usable_evaluation(old.evaluation.model_dump(), dataset, faults),
        "threads": old.threads,
        "method": old.method,
        "prompt": old.prompt,
        "lora_max_rank": old.lora_max_rank,
        "lora_drops": old.lora_drops,
        "row_order": old.row_order,
        "base": {"untuned_dtype": old.untuned_dtype, "untuned_quantization": old.untuned_quantization},
    }
    faults.raise_if_any()
    version = _version_on_disk(dataset)
    spec = build_spec(run_id=uuid.uuid4(), dataset=dataset, base_model_id=base_model.base_model_id, **checked)
    guards = [_current_guard(guard) for guard in old.guards]
    # A race is about the rows that it was held over. With other rows, all of them are judged.
    race = old.race if version == old.dataset.version else None
    dataset_now = DatasetRef(key=dataset.key, version=version)
    return spec.model_copy(update={"dataset": dataset_now, "guards": guards, "race": race})


def _current_guard(guard: GuardSpec) -> GuardSpec:
    """The same guard with the current rows. Raises InvalidInput."""
    dataset = get_dataset(guard.dataset.key)
    faults = Faults()
    evaluation = read_usable_evaluation(guard.evaluation.model_dump(), dataset, faults, "guards")
    faults.raise_if_any()
    return GuardSpec(dataset=DatasetRef(key=dataset.key, version=_version_on_disk(dataset)), evaluation=evaluation)


def _version_on_disk(dataset: Dataset) -> str:
    try:
        return version_on_disk(dataset.folder)
    except DatasetError as error:
        raise InvalidInput({"dataset_key": [str(error)]}) from error
