"""Adds a folder with a pretrained model as a base model: checked at once, read and tried afterwards."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.pipeline.models.added import FILES, NAME, added_dir, added_model, write_source
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelError
from tunix.pipeline.models.pretrained.description import description
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.validation.files import why_unreadable
from tunix.work.disk import refuse_without_space

from ..choices import SmokeTestStatus
from ..models import BaseModel
from ..validation import MAX_PROJECT_LENGTH
from .copying import copied
from .folders import folder_inside_roots
from .smoke_test import run_smoke_test

TASK = "tunix.runs.finish_addition"
ADDITION_FIELDS = ("base_model_id", "folder", "license", "project")
MAX_PATH_LENGTH, MAX_LICENSE_LENGTH = 1000, 200
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
    request_smoke_test(model=model)
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

    With `copy` the files are copied below the artifacts folder. Raises FolderError, InvalidInput, Conflict and NoSpace.
    """
    _check_id(base_model_id)
    refuse_without_space()
    try:
        pretrained = inspect_folder(folder.resolve())
    except OSError as error:
        raise InvalidInput({"folder": [why_unreadable(folder, error)]}) from error
    if copy:
        pretrained = copied(pretrained, added_dir(settings.ARTIFACTS_DIR, base_model_id) / FILES)
    if len(str(pretrained.folder)) > MAX_PATH_LENGTH:
        raise InvalidInput({"folder": [f"The path must have at most {MAX_PATH_LENGTH} characters."]})
    columns = _columns(pretrained, license) | {
        "project": project,
        "owner": actor if getattr(actor, "pk", None) else None,
    }
    try:
        with transaction.atomic():
            model = BaseModel.objects.create(base_model_id=base_model_id, **columns)
            record_act(Act.CREATED, model, kind=AuditKind.BASE_MODEL, actor=actor)
    except IntegrityError:
        raise _taken(base_model_id) from None
    return model


def request_smoke_test(*, model: BaseModel) -> BaseModel:
    """Sends the task that reads the files of an added model and tries it. Raises Conflict for other models."""
    if model.source != BaseModel.Source.ADDED:
        raise Conflict("Only added models have a smoke test.")
    model.smoke_test_status, model.smoke_test_json = SmokeTestStatus.PENDING, {}
    model.save(update_fields=["smoke_test_status", "smoke_test_json"])
    transaction.on_commit(lambda: _send(model), robust=True)
    return model


def finish_addition(model: BaseModel) -> BaseModel:
    """Reads and hashes the files of an added model, then runs its smoke test. May be repeated.

    A failure is stored with the model. One of the smoke test does not keep runs from starting.
    """
    folder = settings.ARTIFACTS_DIR / model.path
    try:
        if model.content_hash:
            added_model(model.base_model_id, settings.ARTIFACTS_DIR)
        else:
            model.content_hash = write_source(settings.ARTIFACTS_DIR, model.base_model_id, inspect_folder(folder))
    except (FolderError, BaseModelError) as error:
        return _ended(model, {"error": str(error)})
    except OSError as error:
        return _ended(model, {"error": f"The files cannot be read: {error.strerror or error}."})
    BaseModel.objects.filter(pk=model.pk).update(content_hash=model.content_hash)
    return _ended(model, run_smoke_test(folder))


def _ended(model: BaseModel, result: Mapping[str, Any]) -> BaseModel:
    """Conditional on the row, which may have been deleted meanwhile."""
    status = SmokeTestStatus.FAILED if "error" in result else SmokeTestStatus.DONE
    found = BaseModel.objects.filter(pk=model.pk)
    if found.update(smoke_test_status=status, smoke_test_json=dict(result)):
        model.refresh_from_db()
    elif not BaseModel.objects.filter(base_model_id=model.base_model_id).exists():
        shutil.rmtree(added_dir(settings.ARTIFACTS_DIR, model.base_model_id), ignore_errors=True)
    return model


def _send(model: BaseModel) -> None:
    try:
        current_app.send_task(TASK, args=[model.pk])
    except Exception as error:  # transports raise many types; the model is committed in any case
        logger.warning("base model %s: its smoke test could not be sent to a worker: %s", model, error)
        _ended(model, {"error": "No worker could be reached. Run the smoke test again."})


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


def _columns(pretrained: PretrainedModel, license: str) -> dict[str, Any]:  # noqa: A002
    folder, template = pretrained.folder, pretrained.chat_template
    inside = folder.is_relative_to(settings.ARTIFACTS_DIR)
    return {
        "family": pretrained.configuration.family.name,
        "source": BaseModel.Source.ADDED,
        "parameters": pretrained.parameters,
        "description": f"{pretrained.configuration.family.title} from the folder {folder.name}."[:500],
        "path": str(folder.relative_to(settings.ARTIFACTS_DIR) if inside else folder),
        "license": (license or pretrained.license)[:MAX_LICENSE_LENGTH],
        "details_json": description(pretrained, with_hash=False),
        "chat_template": template.text if template else "",
        "smoke_test_status": SmokeTestStatus.PENDING,
    }
