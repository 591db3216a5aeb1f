"""Promotion: a run's checkpoint becomes a base model of its own, `promoted/<name>@<version>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict
from tunix.pipeline.models.promoted import NAME, hashes_of, promoted_id
from tunix.pipeline.spec import RunResult
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.work.disk import refuse_without_space

from .choices import RunOrigin, RunStatus
from .lineage import lineage_of
from .model_card import model_card
from .model_files import publish_model, staged_model
from .model_versions import take_version
from .models import BaseModel, TunixRun
from .results import ResultUnreadable, read_result

UNCONFIRMED = 'Nobody has confirmed its score. Say "unconfirmed": true to promote it all the same.'
PROMOTION_FIELDS = ("name", "unconfirmed")
_NAME_RULE = "Must be 1 to 63 of a to z, 0 to 9, hyphen and underscore; the first must be a letter or a digit."
_UNTUNED = "The run judged its base model as it is: there is nothing new in it to promote."

Also = Callable[[BaseModel], None]


def read_promotion(fields: Fields) -> tuple[str, bool]:
    """The name, and whether an unconfirmed run may be promoted."""
    return fields.matching("name", NAME, _NAME_RULE), fields.truth("unconfirmed", default=False)


def promote_single_run(*, run: TunixRun, data: Any, actor: Any) -> BaseModel:
    """Promote a single run; `data` holds `name` and `unconfirmed`, which must be true: no single run is confirmed.

    Raises InvalidInput, NoSpace, and Conflict.
    """
    faults = Faults()
    name, unconfirmed = read_promotion(Fields(data, faults, known=PROMOTION_FIELDS))
    faults.raise_if_any()
    if run.origin == RunOrigin.TRIAL:
        raise Conflict("This run is a trial of a tuning job: promote it from its job, by the trial's number.")
    if not unconfirmed:
        raise Conflict(f"This is a single run. {UNCONFIRMED}")
    origin = {"confirmed": False, "verdict": "Not confirmed: the score of one run, compared with nothing."}
    return promote_run(run=run, name=name, actor=actor, origin=origin)


def promote_run(
    *, run: TunixRun, name: str, actor: Any, origin: Mapping[str, Any], also: Also | None = None
) -> BaseModel:
    """Export a completed run's checkpoint as the next version of `name`. `origin` is as for `lineage_of`.

    1. Copy weights and tokenizer into a folder under a temporary name, each held against the run's own hashes.
    2. In one transaction take the next version, do what `also` does, add the model card and the lineage, and give the
    folder its name. The row is seen once the files are there.

    Raises Conflict for a run that has not completed, whose checkpoint is gone or changed, or that has been promoted
    under this name; and NoSpace.
    """
    refuse_without_space()
    _refuse_unfinished(run)
    if run.spec.method == "untuned":
        raise Conflict(_UNTUNED)
    _refuse_promoted(run, name)
    with staged_model(run, result := _result(run), name, _parameters(run)) as folder:
        lineage = lineage_of(run=run, result=result, files=hashes_of(folder), origin=origin, actor_name=_name_of(actor))
        return _published(run, name, actor, lineage, folder, also)


def promotion_of(run: TunixRun, name: str) -> BaseModel | None:
    """What this run was promoted to under this name."""
    return BaseModel.objects.filter(run=run, name=name).first()


def _published(
    run: TunixRun, name: str, actor: Any, lineage: dict[str, Any], folder: Path, also: Also | None
) -> BaseModel:
    """The row and the folder under the next version."""
    try:
        with transaction.atomic():
            model = _new_row(run, name, actor, lineage)
            record_act(Act.CREATED, model, kind=AuditKind.BASE_MODEL, actor=actor)
            if also is not None:
                also(model)
            publish_model(folder, model, model_card(model.lineage_json))
    except IntegrityError:
        _refuse_promoted(run, name)  # somebody did just that meanwhile
        raise
    return model


def _new_row(run: TunixRun, name: str, actor: Any, lineage: Mapping[str, Any]) -> BaseModel:
    version = take_version(name)
    base_model_id, base = promoted_id(name, version), lineage["ancestors"][0]["base_model_id"]
    family = BaseModel.objects.filter(base_model_id=base).values_list("family", flat=True).first()
    return BaseModel.objects.create(
        base_model_id=base_model_id,
        family=family or "gemma3",
        source=BaseModel.Source.PROMOTED,
        parameters=_parameters(run),
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
        raise Conflict("The run cannot be promoted: its result.json is not the one that was recorded.")
    return result


def _refuse_unfinished(run: TunixRun) -> None:
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be promoted; this one is {run.get_status_display()}.")


def _refuse_promoted(run: TunixRun, name: str) -> None:
    if known := promotion_of(run, name):
        raise Conflict(f"This run is {known.base_model_id} already.")


def _name_of(actor: Any) -> str:
    return actor.get_username() if getattr(actor, "pk", None) else ""
