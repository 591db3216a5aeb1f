"""Creates and cancels runs, and looks base models up, for pages, API, admin and commands."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.base_models import BASE_MODELS
from tunix.pipeline.spec import (
    DatasetRef,
    EvaluationSpec,
    GuardSpec,
    Method,
    PromptSpec,
    RaceSpec,
    RowOrder,
    Rungs,
    RunSpec,
)
from tunix.pipeline.spec_fields import PROMPT_PATH, read_hyperparameters, read_method, read_prompt, read_threads
from tunix.validation.did_you_mean import nearest_or_all
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.work.cancel import cancel_work
from tunix.work.disk import refuse_without_space
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.quota import refuse_over_quota

from .choices import RunOrigin
from .methods import default_method, unsuitable
from .models import BaseModel, TunixRun
from .validation import MAX_NAME_LENGTH, MAX_PROJECT_LENGTH, read_usable_evaluation

RUN_FIELDS = (
    "name",
    "dataset_key",
    "base_model_id",
    "method",
    PROMPT_PATH,
    "hyperparameters_json",
    "evaluation_json",
    "resources_json",
    "project",
)
MAX_KEY_LENGTH = 200

Found = TypeVar("Found")


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

    The files of a promoted or added model are verified by each run, not here.
    """
    found = BaseModel.objects.filter(base_model_id=base_model_id).first()
    if found is not None:
        if why := _why_no_start(found):
            raise InvalidInput({"base_model_id": [why]})
        return found
    known = BaseModel.objects.values_list("base_model_id", flat=True)
    raise InvalidInput({"base_model_id": [f"Unknown base model.{nearest_or_all(base_model_id, sorted(known))}"]})


def _why_no_start(model: BaseModel) -> str:
    """Why nothing can start from a model now; empty if something can."""
    if (folder := model.folder()) is not None and not folder.is_dir():
        return f"The folder of this {model.get_source_display()} model is missing."
    if not model.is_being_added:
        return ""
    if error := model.smoke_test_result.get("error"):
        return f"The files of this model could not be read: {error}"
    return "The files of this model are still being read. Its page shows when it is ready."


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
    method: Method = "full",
    prompt: PromptSpec | None = None,
    lora_max_rank: int = 0,
    lora_drops: bool = False,
    base: Mapping[str, str] | None = None,
    max_judge_cost: float | None = None,
    guards: Sequence[GuardSpec] = (),
    judge_twice: bool = False,
    rungs: Rungs | None = None,
    row_order: RowOrder = "prompt_hash",
    race: RaceSpec | None = None,
) -> RunSpec:
    """The spec of a run, with hyperparameters resolved. Raises ValueError for input that was not validated before.

    `base` has `untuned_dtype` and `untuned_quantization` of an untuned run.
    """
    return RunSpec(
        run_id=str(run_id),
        base_model_id=base_model_id,
        base_model_hash=base_model_hash(base_model_id),
        dataset=DatasetRef(key=dataset.key, version=dataset.version),
        hyperparameters=resolve(hyperparameters, method),
        evaluation=EvaluationSpec.model_validate(evaluation),
        threads=threads,
        method=method,
        prompt=prompt or PromptSpec(),
        lora_max_rank=lora_max_rank,
        lora_drops=lora_drops,
        **(base or {}),
        max_judge_cost=max_judge_cost,
        guards=list(guards),
        judge_twice=judge_twice,
        rungs=rungs,
        row_order=row_order,
        race=race,
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
    """The spec, the name and the project that `data` asks for. Raises InvalidInput with all faults."""
    faults = Faults()
    fields = Fields(data, faults, known=RUN_FIELDS)
    dataset = _found(fields, "dataset_key", get_dataset, faults)
    base_model = _found(fields, "base_model_id", get_base_model, faults)
    evaluation = read_usable_evaluation(fields.get("evaluation_json"), dataset, faults)
    threads = read_threads(fields.get("resources_json"), faults)
    method = read_method(fields, default_method(base_model) if base_model else "full")
    prompt = read_prompt(fields.get(PROMPT_PATH), faults)
    if base_model is not None:
        faults.merge(unsuitable(base_model, method, prompt))
    hyperparameters = read_hyperparameters(fields.get("hyperparameters_json"), method, faults)
    name = fields.name("name", max_length=MAX_NAME_LENGTH, default="")
    project = fields.slug("project", max_length=MAX_PROJECT_LENGTH, default="default")
    if faults or dataset is None or base_model is None:
        raise InvalidInput(faults.messages)
    spec = build_spec(
        run_id=uuid.uuid4(),
        dataset=dataset,
        base_model_id=base_model.base_model_id,
        hyperparameters=hyperparameters,
        evaluation=evaluation,
        threads=threads,
        method=method,
        prompt=prompt,
    )
    return spec, name, project


def _found(fields: Fields, key: str, look_up: Callable[[str], Found], faults: Faults) -> Found | None:
    """What `look_up` finds under the value of the field; None when it is faulty."""
    value = fields.text(key, max_length=MAX_KEY_LENGTH)
    if fields.is_faulty(key):
        return None
    try:
        return look_up(value)
    except InvalidInput as error:
        faults.merge(error.errors)
        return None
