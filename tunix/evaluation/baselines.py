"""Creates, changes and deletes baselines."""

from __future__ import annotations

import re
from typing import Any

from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.pipeline.data.rows import SPLITS
from tunix.runs.models import TunixRun
from tunix.runs.validation import MAX_PROJECT_LENGTH
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from .choices import EvaluationStatus
from .models import Baseline, Evaluation

MAX_NAME_LENGTH = 100
MAX_JUDGE_LENGTH = 64
FIELDS = ("name", "run", "judge", "split", "project")
NAME_RULE = "Use 1 to 100 letters, digits, hyphens and underscores."
NO_RUN = "There is no run with this id."
NAME = re.compile(r"\A[A-Za-z0-9_-]{1,100}\Z")


def create_baseline(*, data: Any, actor: Any) -> Baseline:
    """Creates a baseline from `name`, `run` (an id), and `judge` and `split`, by default those of the run.

    Raises InvalidInput, and Conflict if the name is taken.
    """
    baseline = Baseline(owner=actor)
    _fill(baseline, data)
    return _saved(baseline, Act.CREATED, actor)


def change_baseline(*, baseline: Baseline, data: Any, actor: Any) -> Baseline:
    """Changes the fields in `data`. A new run is pinned with its own judge and split unless they are given."""
    _fill(baseline, data)
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


def _fill(baseline: Baseline, data: Any) -> None:
    """Sets the fields in `data` and pins the version of the judge. Raises InvalidInput with all faults."""
    faults = Faults()
    fields = Fields(data, faults, known=FIELDS)
    name = fields.slug("name", max_length=MAX_NAME_LENGTH, default=baseline.name or None)
    project = fields.slug("project", max_length=MAX_PROJECT_LENGTH, default=baseline.project)
    judge = fields.text("judge", max_length=MAX_JUDGE_LENGTH, default="")
    split = "" if fields.get("split") == "" else fields.choice("split", SPLITS, "")
    run = _run_of(fields, is_required=baseline.run_id is None)
    faults.raise_if_any()
    baseline.name, baseline.project = name, project
    if run is not None:
        asked = run.spec.evaluation
        baseline.run, baseline.dataset, baseline.judge, baseline.split = run, run.dataset, asked.judge, asked.split
    baseline.judge = judge or baseline.judge
    baseline.split = split or baseline.split
    if run is not None or judge or split:
        baseline.judge_version = _verdict_on(baseline).judge_version


def _run_of(fields: Fields, *, is_required: bool) -> TunixRun | None:
    asked = fields.get("run")
    if asked is None:
        if is_required:
            fields.refuse("run", "Required.")
        return None
    run = TunixRun.objects.with_id(asked)
    if run is None:
        fields.refuse("run", NO_RUN)
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
