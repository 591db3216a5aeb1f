"""Adds a folder with a pretrained model as a base model: checked at once, read and tried afterwards."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.pipeline.models.added import FILES, NAME, added_dir, added_model, source_of, write_source
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelError
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.validation.files import why_unreadable
from tunix.work.disk import refuse_without_space
from tunix.work.publishing import NotPublished, publish

from ..choices import SmokeTestStatus
from ..models import BaseModel
from ..results import storable_json
from ..validation import MAX_PROJECT_LENGTH
from .columns import MAX_LICENSE_LENGTH, columns_of
from .copying import copied, publish_copy
from .folders import folder_inside_roots
from .smoke_test import run_smoke_test

TASK = "tunix.runs.finish_addition"
ADDITION_FIELDS = ("base_model_id", "folder", "license", "project")
MAX_PATH_LENGTH = 1000
UNDER_WAY = "The smoke test is pending. Wait for its result."
_NAME_RULE = (
    "Must be 1 to 63 lower-case letters, digits, hyphens, underscores and dots, beginning with a letter or digit."
)
_RESERVED = frozenset({"new"})
"""Names of pages beside those of the models."""

logger = logging.getLogger(__name__)


def add_model_over_http(*, data: Any, actor: Any) -> BaseModel:
    """Adds a folder inside MODEL_ROOTS, in place. A worker then reads and tries it.

    Raises InvalidInput, with faults of a file under `folder.<file>`, and Conflict.
    """
    faults = Faults()
    fields = Fields(data, faults, known=ADDITION_FIELDS)
    base_model_id = fields.matching("base_model_id", NAME, _NAME_RULE)
    text = fields.text("folder", max_length=MAX_PATH_LENGTH)
    stated = fields.text("license", max_length=MAX_LICENSE_LENGTH, default="")
    project = fields.slug("project", max_length=MAX_PROJECT_LENGTH, default="default")
    faults.raise_if_any()
    try:
        model = add_model(
            base_model_id=base_model_id,
            folder=folder_inside_roots(text),
            license=stated,
            project=project,
            actor=actor,
        )
    except FolderError as error:
        raise InvalidInput({f"folder.{name}": texts for name, texts in error.errors.items()}) from error
    transaction.on_commit(lambda: _send(model), robust=True)
    return model


def add_model(
    *,
    base_model_id: str,
    folder: Path,
    actor: Any,
    copy: bool = False,
    license: str = "",  # noqa: A002  (the field's name everywhere)
    project: str = "default",
) -> BaseModel:
    """Adds a folder whose headers have no faults. Nothing starts from it before `finish_addition` has read its files.

    With `copy` the files are copied below the artifacts folder: under a temporary name, which is changed in the
    transaction that inserts the row. Raises FolderError, InvalidInput, Conflict and NoSpace.
    """
    _check_id(base_model_id)
    refuse_without_space()
    try:
        pretrained = inspect_folder(folder.resolve())
    except OSError as error:
        raise InvalidInput({"folder": [why_unreadable(folder, error)]}) from error
    own = added_dir(settings.ARTIFACTS_DIR, base_model_id)
    place = own / FILES if copy else pretrained.folder
    if len(str(place)) > MAX_PATH_LENGTH:
        raise InvalidInput({"folder": [f"The path must have at most {MAX_PATH_LENGTH} characters."]})
    columns = {
        "base_model_id": base_model_id,
        "description": f"{pretrained.configuration.family.title} from the folder {pretrained.folder.name}."[:500],
        "project": project,
        "owner": actor if getattr(actor, "pk", None) else None,
    }
    try:
        with copied(pretrained, own.parent) if copy else nullcontext(pretrained) as staged:
            return _inserted(staged, place, columns | columns_of(staged, license), actor)
    except OSError as error:
        raise InvalidInput({"folder": [f"The folder cannot be copied: {_in_words(error)}."]}) from error


def _inserted(staged: PretrainedModel, place: Path, columns: Mapping[str, Any], actor: Any) -> BaseModel:
    """Inserts the row and gives a copy its name `place`."""
    inside = place.is_relative_to(settings.ARTIFACTS_DIR)
    try:
        with transaction.atomic():
            model = BaseModel.objects.create(
                **columns,
                source=BaseModel.Source.ADDED,
                path=str(place.relative_to(settings.ARTIFACTS_DIR) if inside else place),
                smoke_test_status=SmokeTestStatus.PENDING,
                smoke_test_pending_since=timezone.now(),
            )
            record_act(Act.CREATED, model, kind=AuditKind.BASE_MODEL, actor=actor)
            if staged.folder != place:
                publish_copy(staged.folder, place)
    except IntegrityError:
        raise _taken(columns["base_model_id"]) from None
    return model


def request_smoke_test(*, model: BaseModel) -> BaseModel:
    """Sends the task that reads the files of an added model and tries it.

    Raises Conflict for other models, and while a smoke test is pending.
    """
    if model.source != BaseModel.Source.ADDED:
        raise Conflict("Only added models have a smoke test.")
    with transaction.atomic():
        locked = BaseModel.objects.select_for_update().filter(pk=model.pk).first()
        if locked is None:
            raise Conflict("The model was deleted.")
        if locked.smoke_test_state == SmokeTestStatus.PENDING:
            raise Conflict(UNDER_WAY)
        _begin(locked)
        transaction.on_commit(lambda: _send(locked), robust=True)
    return locked


def finish_addition(model: BaseModel) -> BaseModel:
    """Reads and hashes the files of an added model, then runs its smoke test. May be repeated.

    A failure is stored with the model. One of the smoke test does not keep runs from starting.
    """
    _begin(model)
    try:
        result = _found_in(model)
    except (FolderError, BaseModelError) as error:
        result = {"error": str(error)}
    except OSError as error:
        result = {"error": f"The files cannot be read: {_in_words(error)}."}
    except Exception as error:  # whatever it is: the page of the model waits for a result
        logger.exception("base model %s: its files could not be read and tried", model)
        result = {"error": f"{type(error).__name__}: {error}"}
    return end_smoke_test(model, result)


def _begin(model: BaseModel) -> None:
    _update(
        model, smoke_test_status=SmokeTestStatus.PENDING, smoke_test_json={}, smoke_test_pending_since=timezone.now()
    )


def _found_in(model: BaseModel) -> Mapping[str, Any]:
    folder = settings.ARTIFACTS_DIR / model.path
    if model.content_hash:
        added_model(model.base_model_id, settings.ARTIFACTS_DIR)
    else:
        _store_source(model, source_of(settings.ARTIFACTS_DIR, model.base_model_id, inspect_folder(folder)))
    return run_smoke_test(folder)


def _store_source(model: BaseModel, source: Mapping[str, Any]) -> None:
    """Writes source.json while the row is locked by its update.

    While the files were read the model may have been deleted, and its id may belong to another one by now.
    """
    with transaction.atomic():
        if BaseModel.objects.filter(pk=model.pk).update(content_hash=source["content_hash"]):
            write_source(settings.ARTIFACTS_DIR, source)


def end_smoke_test(model: BaseModel, result: Mapping[str, Any]) -> BaseModel:
    """Stores what the smoke test found, or `{"error": ...}`."""
    status = SmokeTestStatus.FAILED if "error" in result else SmokeTestStatus.DONE
    _update(model, smoke_test_status=status, smoke_test_json=storable_json(result))
    return model


def _update(model: BaseModel, **columns: Any) -> None:
    """Does nothing if the row was deleted meanwhile."""
    if BaseModel.objects.filter(pk=model.pk).update(**columns):
        model.refresh_from_db()


def _in_words(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _send(model: BaseModel) -> None:
    try:
        publish(TASK, model.pk)
    except NotPublished as error:  # the model is committed in any case
        logger.warning("base model %s: its smoke test could not be sent to a worker: %s", model, error)
        end_smoke_test(model, {"error": "No worker could be reached. Run the smoke test again."})


def _check_id(base_model_id: str) -> None:
    if not NAME.fullmatch(base_model_id):
        raise InvalidInput({"base_model_id": [_NAME_RULE]})
    if base_model_id in BASE_MODELS or base_model_id in _RESERVED:
        raise InvalidInput({"base_model_id": [f"'{base_model_id}' is reserved. Choose another name."]})
    if BaseModel.objects.filter(base_model_id=base_model_id).exists():
        raise _taken(base_model_id)


def _taken(base_model_id: str) -> Conflict:
    return Conflict(
        f"There is a base model '{base_model_id}' already. Choose another name, or delete that model first."
    )
