"""Promotes the checkpoint of a run to a base model, `promoted/<name>@<version>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict
from tunix.pipeline.models.promoted import NAME, promoted_id
from tunix.pipeline.spec import RunResult
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.work.disk import refuse_without_space

from ..choices import RunOrigin, RunStatus
from ..models import BaseModel, TunixRun
from ..results import ResultUnreadable, read_result
from .export_checks import card_of, is_exported, request_check
from .files import publish_model
from .lineage import lineage_of
from .staging import StagedModel, staged_model
from .versions import take_version

UNCONFIRMED = 'Its score is not confirmed. Set "unconfirmed": true to promote it anyway.'
PROMOTION_FIELDS = ("name", "unconfirmed")
_NAME_RULE = "Must be 1 to 63 lower-case letters, digits, hyphens and underscores, beginning with a letter or digit."
_UNTUNED = "The run evaluated its base model without training: there is nothing new to promote."

Also = Callable[[BaseModel], None]


def read_promotion(fields: Fields) -> tuple[str, bool]:
    """The name, and whether an unconfirmed run may be promoted."""
    return fields.matching("name", NAME, _NAME_RULE), fields.truth("unconfirmed", default=False)


def promote_single_run(*, run: TunixRun, data: Any, actor: Any) -> BaseModel:
    """Promotes a single run. `data` has `name` and `unconfirmed`, which must be true: single runs are never confirmed.

    Raises InvalidInput, NoSpace, and Conflict.
    """
    faults = Faults()
    name, unconfirmed = read_promotion(Fields(data, faults, known=PROMOTION_FIELDS))
    faults.raise_if_any()
    if run.origin == RunOrigin.TRIAL:
        raise Conflict("This is the run of a trial. Promote it from its tuning job, by the number of the trial.")
    if not unconfirmed:
        raise Conflict(f"This is a single run. {UNCONFIRMED}")
    origin = {"confirmed": False, "verdict": "Not confirmed: the score of a single run, without comparison."}
    return promote_run(run=run, name=name, actor=actor, origin=origin)


def promote_run(
    *, run: TunixRun, name: str, actor: Any, origin: Mapping[str, Any], also: Also | None = None
) -> BaseModel:
    """Promotes a completed run's checkpoint to the next version of `name`. `origin` is as for `lineage_of`.

    1. Copy weights and tokenizer to a temporary folder, and check them against the hashes of the run. A model that
       began as a folder is exported as one, and a worker compares it with the run afterwards.
    2. In one transaction take the next version, call `also`, add model card and lineage, and rename the folder. Other
       processes see the row only after the files are complete.

    Raises Conflict if the run has not completed, is already promoted under this name, or its checkpoint or its base is
    missing or changed; and NoSpace.
    """
    refuse_without_space()
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be promoted; this one is {run.get_status_display()}.")
    if run.spec.method == "untuned":
        raise Conflict(_UNTUNED)
    _refuse_promoted(run, name)
    actor_name = actor.get_username() if getattr(actor, "pk", None) else ""
    with staged_model(run, result := _result(run), name, _parameters(run)) as staged:
        lineage = lineage_of(run=run, result=result, files=staged.files, origin=origin, actor_name=actor_name)
        return _published(run, name, actor, {**lineage, **staged.lineage}, staged, also)


def promotion_of(run: TunixRun, name: str) -> BaseModel | None:
    """The model that this run was promoted to under this name."""
    return BaseModel.objects.filter(run=run, name=name).first()


def _published(
    run: TunixRun, name: str, actor: Any, lineage: dict[str, Any], staged: StagedModel, also: Also | None
) -> BaseModel:
    """Inserts the row and renames the folder, under the next version."""
    try:
        with transaction.atomic():
            model = _new_row(run, name, actor, lineage, staged.columns)
            record_act(Act.CREATED, model, kind=AuditKind.BASE_MODEL, actor=actor)
            if also is not None:
                also(model)
            publish_model(staged.folder, model, card_of(model))
            if is_exported(model):
                transaction.on_commit(lambda: request_check(model), robust=True)
    except IntegrityError:
        _refuse_promoted(run, name)  # a concurrent promotion was faster
        raise
    return model


def _new_row(run: TunixRun, name: str, actor: Any, lineage: Mapping[str, Any], columns: Mapping[str, Any]) -> BaseModel:
    version = take_version(name)
    base_model_id, base = promoted_id(name, version), lineage["ancestors"][0]["base_model_id"]
    family = BaseModel.objects.filter(base_model_id=base).values_list("family", flat=True).first()
    known = {"family": family or "gemma3", "parameters": _parameters(run)} | dict(columns)
    return BaseModel.objects.create(
        **known,
        base_model_id=base_model_id,
        source=BaseModel.Source.PROMOTED,
        description=f"{base} trained on {lineage['dataset']['key']}.",
        content_hash=lineage["content_hash"],
        name=name,
        version=version,
        run=run,
        path=f"models/{name}/{version}",
        lineage_json={"base_model_id": base_model_id, "name": name, "version": version, **lineage},
        owner=actor if getattr(actor, "pk", None) else None,
        project=run.project,
    )


def _parameters(run: TunixRun) -> int:
    found = BaseModel.objects.filter(base_model_id=run.base_model_id).values_list("parameters", flat=True)
    return found.first() or 0


def _result(run: TunixRun) -> RunResult:
    try:
        result, digest = read_result(run.work_dir())
    except ResultUnreadable as error:
        raise Conflict(f"The run cannot be promoted: {error}") from error
    if run.result_hash and digest != run.result_hash:
        raise Conflict("The run cannot be promoted: its result.json is not the recorded one.")
    return result


def _refuse_promoted(run: TunixRun, name: str) -> None:
    if known := promotion_of(run, name):
        raise Conflict(f"This run is already promoted to {known.base_model_id}.")
