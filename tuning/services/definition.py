"""The definition of a job, checked against the datasets, models and judges that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tunix.api.exceptions import Errors, InvalidInput
from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.runs.methods import default_method, unsuitable
from tunix.runs.models import BaseModel
from tunix.runs.services import MAX_KEY_LENGTH, get_base_model
from tunix.runs.validation import why_no_judge, why_unfit_for
from tunix.validation.values import text_fault

from ..analysis.leakage import overlap_warnings, why_no_proof
from ..domain.job_definition import InvalidJob, JobDefinition
from ..domain.planned_trials import stopping_reach_warnings
from ..domain.selection.guards import Guard, guard_path
from ..models import TuningJob
from .judging import why_unfit
from .warm_start import history_faults, history_warnings

Found = TypeVar("Found", Dataset, BaseModel)


def define_job(*, data: Mapping[str, Any], owner: Any = None) -> TuningJob:
    """A job that is not stored, to be checked. Raises InvalidInput."""
    definition, dataset = read_definition(data, owner)
    job = TuningJob(dataset=dataset, owner=owner, **columns_of(definition))
    job.definition_warnings = warnings_of(definition, dataset)  # type: ignore[attr-defined]
    return job


def warnings_of(definition: JobDefinition, dataset: Dataset) -> Errors:
    """The warnings of a job by path: about its definition, and about what it can do with the rows of the dataset."""
    found: Errors = {path: list(texts) for path, texts in definition.warnings.items()}
    overlap = overlap_warnings(dataset, definition.evaluation.split)
    for more in (overlap, history_warnings(definition), stopping_reach_warnings(definition, dataset.train_rows)):
        for path, texts in more.items():
            found.setdefault(path, []).extend(texts)
    return found


def read_definition(data: Mapping[str, Any], actor: Any, *, starts: bool = True) -> tuple[JobDefinition, Dataset]:
    """The resolved definition and its dataset. Raises InvalidInput with all errors, those of look-ups included.

    The jobs of a warm start are looked up only if it `starts`: afterwards they are no longer needed.
    """
    errors: Errors = {}
    definition: JobDefinition | None = None
    dataset = _looked_up(data, "dataset_key", get_dataset, errors)
    model = _looked_up(data, "base_model_id", get_base_model, errors)
    try:
        definition = JobDefinition.parse(data, default_method=default_method(model) if model else "full")
    except InvalidJob as error:
        errors |= error.errors
    if definition is not None and model is not None:
        errors |= unsuitable(model, definition.method, definition.prompt)
    if definition is not None and dataset is not None and not errors:
        errors |= _evaluation_faults(definition, dataset)
        errors |= history_faults(definition, dataset, actor) if starts else {}
    for index, guard in enumerate(definition.guards if definition is not None else []):
        errors |= _guard_faults(index, guard)
    if errors or definition is None or dataset is None:
        raise InvalidInput(errors)
    return definition, dataset


def _looked_up(data: Mapping[str, Any], field: str, look_up: Callable[[str], Found], errors: Errors) -> Found | None:
    """What a field names; None, with an error, where there is no such thing. Parsing refuses what is no name."""
    value = data.get(field) if isinstance(data, Mapping) else None
    if text_fault(value, max_length=MAX_KEY_LENGTH, required=True) is not None:
        return None
    try:
        return look_up(str(value))
    except InvalidInput as error:
        errors |= error.errors
        return None


def _evaluation_faults(definition: JobDefinition, dataset: Dataset) -> Errors:
    split = definition.evaluation.split
    faults: Errors = {}
    asked, confirms = definition.evaluation, definition.confirmation.automatic
    if why := why_no_judge(asked.judge) or why_unfit(dataset, asked, confirms=confirms):
        faults["evaluation_json.judge"] = [why]
    if not dataset.rows_of(split):
        faults["evaluation_json.split"] = [f"The dataset {dataset.key} has no {split} rows."]
    stopping = definition.early_stopping
    if stopping is not None and stopping.metric == "eval_loss" and not dataset.validation_rows:
        faults["early_stopping_json.metric"] = [
            f"The dataset {dataset.key} has no validation rows, so no eval_loss: use train_loss."
        ]
    if definition.confirmation.automatic and (why := why_no_proof(dataset)):
        faults["confirmation_json.automatic"] = [why]
    return faults


def _guard_faults(index: int, guard: Guard) -> Errors:
    """The errors of a guard. Its dataset is looked up like that of the job."""
    faults: Errors = {}
    try:
        dataset = get_dataset(guard.dataset)
    except InvalidInput as error:
        return {guard_path(index, "dataset"): error.errors["dataset_key"]}
    split = guard.evaluation.split
    if not dataset.rows_of(split):
        faults[guard_path(index, "split")] = [f"The dataset {dataset.key} has no {split} rows."]
    if why := why_no_judge(guard.evaluation.judge) or why_unfit_for(dataset, guard.evaluation):
        faults[guard_path(index, "judge")] = [why]
    return faults


def columns_of(definition: JobDefinition) -> dict[str, Any]:
    columns = definition.to_json()
    columns.pop("dataset_key")
    return columns
