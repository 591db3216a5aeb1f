"""Creates, changes and deletes baselines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, Errors, InvalidInput
from tunix.pipeline.data.rows import SPLITS
from tunix.runs.models import TunixRun
from tunix.runs.validation import check_fields, check_project

from .choices import EvaluationStatus
from .models import Baseline, Evaluation

FIELDS = ("name", "run", "judge", "split", "project")
NAME_RULE = "Use 1 to 100 letters, digits, hyphens and underscores."
NO_RUN = "There is no run with this id."
NAME = re.compile(r"\A[A-Za-z0-9_-]{1,100}\Z")


def create_baseline(*, data: Any, actor: Any) -> Baseline:
    """Creates a baseline from `name`, `run` (an id), and `judge` and `split`, by default those of the run.

    Raises InvalidInput, and Conflict if the name is taken.
    """
    baseline = Baseline(owner=actor)
    _fill(baseline, data, required=("name", "run"))
    return _saved(baseline, Act.CREATED, actor)


def change_baseline(*, baseline: Baseline, data: Any, actor: Any) -> Baseline:
    """Changes the fields in `data`. A new run is pinned with its own judge and split unless they are given."""
    _fill(baseline, data, required=())
    return _saved(baseline, Act.CHANGED, actor)


def delete_baseline(*, baseline: Baseline, actor: Any) -> None:
    """Deletes the baseline, not its run."""
    with transaction.atomic():
        record_act(Act.DELETED, baseline, kind=AuditKind.BASELINE, actor=actor)
        baseline.delete()


def _saved(baseline: Baseline, act: Act, actor: Any) -> Baseline:
    try:
        with transaction.atomic():
            baseline.save()
            record_act(act, baseline, kind=AuditKind.BASELINE, actor=actor)
    except IntegrityError as error:
        raise Conflict(f"A baseline '{baseline.name}' already exists. Change it, or choose another name.") from error
    return baseline


def _fill(baseline: Baseline, data: Any, required: tuple[str, ...]) -> None:
    """Sets the fields in `data` and pins the version of the judge. Raises InvalidInput with all errors."""
    errors = check_fields(data, FIELDS)
    if not isinstance(data, Mapping):
        raise InvalidInput(errors)
    errors |= {name: ["This field is required."] for name in required if data.get(name) in (None, "")}
    errors |= _check_values({name: value for name, value in data.items() if name not in errors})
    run = _run_of(data, errors) if "run" in data and "run" not in errors else None
    if errors:
        raise InvalidInput(errors)
    for name in ("name", "project"):
        setattr(baseline, name, data.get(name, getattr(baseline, name)))
    if run is not None:
        asked = run.spec.evaluation
        baseline.run, baseline.dataset, baseline.judge, baseline.split = run, run.dataset, asked.judge, asked.split
    baseline.judge = data.get("judge") or baseline.judge
    baseline.split = data.get("split") or baseline.split
    if run is not None or "judge" in data or "split" in data:
        baseline.judge_version = _verdict_on(baseline).judge_version


def _check_values(data: Mapping[str, Any]) -> Errors:
    errors: Errors = {}
    name = data.get("name", "x")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        errors["name"] = [NAME_RULE]
    if not isinstance(data.get("judge", ""), str):
        errors["judge"] = ["Must be text."]
    if data.get("split", "") not in ("", *SPLITS):
        errors["split"] = [f"Known: {', '.join(SPLITS)}."]
    return errors | (check_project(data["project"]) if "project" in data else {})


def _run_of(data: Mapping[str, Any], errors: Errors) -> TunixRun | None:
    run = TunixRun.objects.with_id(data["run"])
    if run is None:
        errors["run"] = [NO_RUN]
    return run


def _verdict_on(baseline: Baseline) -> Evaluation:
    """The latest verdict by the baseline's judge on its split. Raises InvalidInput."""
    found = Evaluation.objects.filter(
        run=baseline.run, judge=baseline.judge, split=baseline.split, status=EvaluationStatus.COMPLETED
    ).first()
    if found is None:
        text = f"It has no evaluation by {baseline.judge} on {baseline.split}. Evaluate the run first."
        raise InvalidInput({"run": [text]})
    return found
