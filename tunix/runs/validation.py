"""What may be asked of a run, checked all at once: each fault under the path of its field.

Tuning jobs and judging again ask for parts of a run and use the same functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from tunix.api.exceptions import Errors
from tunix.datasets.models import Dataset
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.judges import JUDGES, ServiceJudge
from tunix.pipeline.spec import EvaluationSpec

MAX_NAME_LENGTH = 200
MAX_THREADS = 1024
PROJECT = re.compile(r"[A-Za-z0-9_-]{1,64}")


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """The nearest known word as a sentence; all of them where none is near."""
    names = sorted(known)
    nearest = get_close_matches(str(given), names, n=1)
    return f"Did you mean {nearest[0]!r}?" if nearest else f"Known: {', '.join(names)}."


def check_fields(data: Any, known: Iterable[str], path: str = "") -> Errors:
    """Faults of an object's shape: it is none, or has fields that nobody knows."""
    if not isinstance(data, Mapping):
        return {path or "non_field_errors": ["Must be an object."]}
    names = list(known)
    return {at(path, name): [f"Unknown field. {did_you_mean(name, names)}"] for name in data if name not in names}


def at(path: str, name: object) -> str:
    """The path of the field `name` of the object at `path`."""
    return f"{path}.{name}" if path else str(name)


def check_hyperparameters(value: Any, path: str = "hyperparameters_json") -> Errors:
    """Faults of a mapping of hyperparameters to values."""
    if not isinstance(value, Mapping):
        return {path: ["Must be an object."]}
    errors, _ = check(value)
    return {at(path, name): messages for name, messages in errors.items()}


def check_evaluation(
    value: Any, dataset: Dataset | None, path: str = "evaluation_json"
) -> tuple[EvaluationSpec | None, Errors]:
    """How to judge, with defaults filled in; None where there are faults.

    Whether the split has rows is only checked where the dataset is known.
    """
    errors = check_fields(value, EvaluationSpec.model_fields, path)
    if errors and not isinstance(value, Mapping):
        return None, errors
    known = {name: given for name, given in value.items() if name in EvaluationSpec.model_fields}
    if "judge" in known and known["judge"] not in list(JUDGES):  # a list may be asked for what cannot be hashed
        errors[at(path, "judge")] = [f"Unknown judge. {did_you_mean(known.pop('judge'), JUDGES)}"]
    try:
        spec = EvaluationSpec.model_validate(known, strict=True)
    except ValidationError as error:
        return None, errors | _messages_of(error, path)
    if why := why_no_judge(spec.judge):
        errors[at(path, "judge")] = [why]
    if dataset is not None and not dataset.rows_of(spec.split):
        errors[at(path, "split")] = [f"The dataset has no rows in its {spec.split} split."]
    return (None, errors) if errors else (spec, {})


def why_no_judge(name: str) -> str:
    """Why this judge cannot judge with the settings of this installation, and what to set; empty when it can."""
    judge = JUDGES[name]
    return judge.unavailable() if isinstance(judge, ServiceJudge) else ""


def check_threads(resources: Any, path: str = "resources_json") -> tuple[int, Errors]:
    """CPU threads a run may use, 1 unless given."""
    errors = check_fields(resources, ["threads"], path)
    if errors:
        return 1, errors
    threads = resources.get("threads", 1)
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= MAX_THREADS:
        return 1, {at(path, "threads"): [f"Must be a whole number from 1 to {MAX_THREADS}."]}
    return threads, {}


def check_name(name: Any, path: str = "name") -> Errors:
    """Faults of a name that people give."""
    if not isinstance(name, str):
        return {path: ["Must be text."]}
    if len(name) > MAX_NAME_LENGTH:
        return {path: [f"At most {MAX_NAME_LENGTH} characters."]}
    return {}


def check_project(project: Any, path: str = "project") -> Errors:
    """Faults of a project's key."""
    if isinstance(project, str) and PROJECT.fullmatch(project):
        return {}
    return {path: ["Use 1 to 64 letters, digits, dashes and underscores."]}


def _messages_of(error: ValidationError, path: str) -> Errors:
    return {
        at(path, ".".join(map(str, fault["loc"]))): [f"{fault['msg']}."] for fault in error.errors(include_url=False)
    }
