"""Creates and cancels runs, and looks base models up, for pages, API, admin and commands."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, Errors, InvalidInput
from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.base_models import BASE_MODELS
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, GuardSpec, Rungs, RunSpec
from tunix.work.cancel import cancel_work
from tunix.work.disk import refuse_without_space
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.quota import refuse_over_quota

from .choices import RunOrigin
from .models import BaseModel, TunixRun
from .validation import (
    check_evaluation,
    check_fields,
    check_hyperparameters,
    check_name,
    check_project,
    check_threads,
    did_you_mean,
)

RUN_FIELDS: dict[str, Any] = {
    "name": "",
    "dataset_key": None,
    "base_model_id": None,
    "hyperparameters_json": {},
    "evaluation_json": {},
    "resources_json": {},
    "project": "default",
}


def ensure_base_models() -> None:
    """Creates or updates the row of each built-in base model from the registry of the pipeline."""
    for info in BASE_MODELS.values():
        BaseModel.objects.update_or_create(
            base_model_id=info.base_model_id,
            defaults={
                "family": info.family,
                "source": BaseModel.Source.BUILT_IN,
                "parameters": info.parameters,
                "description": info.help,
                "content_hash": info.content_hash,
            },
        )


def get_base_model(base_model_id: str) -> BaseModel:
    """The base model with this id. Raises InvalidInput for the field `base_model_id`, with the most similar known id.

    The files of a promoted model are verified by each run, not here.
    """
    found = BaseModel.objects.filter(base_model_id=base_model_id).first()
    if found is not None:
        if (folder := found.folder()) is not None and not folder.is_dir():
            raise InvalidInput({"base_model_id": ["The folder of this promoted model is missing."]})
        return found
    known = BaseModel.objects.values_list("base_model_id", flat=True)
    raise InvalidInput({"base_model_id": [f"Unknown base model. {did_you_mean(base_model_id, known)}"]})


def base_model_hash(base_model_id: str) -> str:
    """The content hash of the base model with this id; empty if there is none."""
    if base_model_id in BASE_MODELS:
        return BASE_MODELS[base_model_id].content_hash
    hashes = BaseModel.objects.filter(base_model_id=base_model_id).values_list("content_hash", flat=True)
    return hashes.first() or ""


def build_spec(
    *,
    run_id: object,
    dataset: Dataset,
    base_model_id: str,
    hyperparameters: Mapping[str, Any],
    evaluation: EvaluationSpec | Mapping[str, Any],
    threads: int = 1,
    method: Literal["sft", "untuned"] = "sft",
    max_judge_cost: float | None = None,
    guards: Sequence[GuardSpec] = (),
    judge_twice: bool = False,
    rungs: Rungs | None = None,
) -> RunSpec:
    """The spec of a run, with hyperparameters resolved. Raises ValueError for input that was not validated before."""
    return RunSpec(
        run_id=str(run_id),
        base_model_id=base_model_id,
        base_model_hash=base_model_hash(base_model_id),
        dataset=DatasetRef(key=dataset.key, version=dataset.version),
        hyperparameters=resolve(hyperparameters),
        evaluation=EvaluationSpec.model_validate(evaluation),
        threads=threads,
        method=method,
        max_judge_cost=max_judge_cost,
        guards=list(guards),
        judge_twice=judge_twice,
        rungs=rungs,
    )


def create_run(*, data: Any, owner: Any, dispatched: bool = True) -> TunixRun:
    """Creates a pending single run; its task is sent on commit unless `dispatched` is false.

    Raises InvalidInput with all errors in `data`, NoSpace and OverQuota.
    """
    refuse_without_space()
    spec, name, project = _checked(data)
    return queue_run(spec=spec, name=name, project=project, owner=owner, dispatched=dispatched)


def queue_run(
    *,
    spec: RunSpec,
    name: str,
    project: str,
    owner: Any,
    dispatched: bool = True,
    reproduces: TunixRun | None = None,
) -> TunixRun:
    """Creates a pending single run from a validated spec. Raises OverQuota."""
    now = timezone.now()
    with transaction.atomic():
        refuse_over_quota(TunixRun, getattr(owner, "pk", None), limit=settings.MAX_ACTIVE_RUNS, noun="single runs")
        run = TunixRun.objects.create(
            id=spec.run_id,
            origin=RunOrigin.SINGLE,
            name=name,
            dataset=Dataset.objects.get(key=spec.dataset.key),
            base_model_id=spec.base_model_id,
            method=spec.method,
            config_json=spec.model_dump(mode="json"),
            seed=int(spec.hyperparameters["seed"] or 0),
            reproduces=reproduces,
            owner=owner,
            project=project,
            created_at=now,
            queued_at=now,
        )
        record_act(Act.CREATED, run, kind=AuditKind.RUN, actor=owner)
        if dispatched:
            dispatch_on_commit(run)
    run.refresh_from_db()
    return run


def cancel_run(*, run: TunixRun, actor: Any) -> TunixRun:
    """Cancels a single run. Raises Conflict as `cancel_work` does, and for the run of a trial."""
    if run.origin == RunOrigin.TRIAL:
        raise Conflict("This is the run of a trial. Cancel its tuning job, which cancels its trials.")
    cancel_work(run, kind=AuditKind.RUN, actor=actor)
    return run


def _checked(data: Any) -> tuple[RunSpec, str, str]:
    """The spec, name and project in `data`. Raises InvalidInput with all errors."""
    errors = check_fields(data, RUN_FIELDS)
    if not isinstance(data, Mapping):
        raise InvalidInput(errors)
    asked = RUN_FIELDS | dict(data)
    dataset = _found(errors, get_dataset, asked, "dataset_key")
    base_model = _found(errors, get_base_model, asked, "base_model_id")
    evaluation, faults = check_evaluation(asked["evaluation_json"], dataset)
    threads, thread_faults = check_threads(asked["resources_json"])
    errors |= faults | thread_faults | check_hyperparameters(asked["hyperparameters_json"])
    errors |= check_name(asked["name"]) | check_project(asked["project"])
    if errors or dataset is None or base_model is None or evaluation is None:
        raise InvalidInput(errors)
    spec = build_spec(
        run_id=uuid.uuid4(),
        dataset=dataset,
        base_model_id=base_model.base_model_id,
        hyperparameters=asked["hyperparameters_json"],
        evaluation=evaluation,
        threads=threads,
    )
    return spec, asked["name"], asked["project"]


def _found(errors: Errors, get: Any, asked: Mapping[str, Any], field: str) -> Any:
    """The result of `get` for the value of the field; None with an entry in `errors` if there is none."""
    if asked[field] is None:
        errors[field] = ["This field is required."]
        return None
    if not isinstance(asked[field], str):
        errors[field] = ["Must be text."]
        return None
    try:
        return get(asked[field])
    except InvalidInput as error:
        errors |= error.errors
        return None
