"""Compares the folder of a promoted model with the run that it came from, and says so on its card."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from tunix.pipeline.exporting import ADAPTER
from tunix.pipeline.models.export.serving import serve_adapter, serve_merged
from tunix.work.json_process import run_json_process
from tunix.work.publishing import NotPublished, publish

from ..models import BaseModel
from .card import model_card
from .files import write_card_and_lineage

TASK = "tunix.runs.check_export"

logger = logging.getLogger(__name__)


def is_exported(model: BaseModel) -> bool:
    """Whether it is a promoted model whose folder has the layout of Hugging Face."""
    return "export" in model.lineage_json


def request_check(model: BaseModel) -> None:
    """Sends the task that compares the folder with the run."""
    try:
        publish(TASK, model.pk)
    except NotPublished as error:  # the model is promoted in any case
        logger.warning("base model %s: its comparison could not be sent to a worker: %s", model, error)


def check_promoted(model: BaseModel) -> BaseModel:
    """Loads the folder of an exported model again and stores how it compares with its run. May be repeated.

    The result is in its lineage, in lineage.json and on its card.
    """
    folder = settings.ARTIFACTS_DIR / model.path
    run_id = model.lineage_json["run"]["run_id"]
    found = run_json_process(
        "tunix.pipeline.export_check", str(settings.ARTIFACTS_DIR), run_id, str(folder), what="The comparison"
    )
    model.lineage_json = {**model.lineage_json, "export": found}
    # Conditional: the model may have been deleted meanwhile, and its folder with it.
    if BaseModel.objects.filter(pk=model.pk).update(lineage_json=model.lineage_json) and folder.is_dir():
        write_card_and_lineage(folder, model, card_of(model))
    return model


def card_of(model: BaseModel) -> str:
    """The model card of a promoted model."""
    return model_card(model.lineage_json, serving_commands(model))


def serving_commands(model: BaseModel) -> list[str]:
    """The commands that serve an exported model with vLLM; none for other models."""
    if not is_exported(model):
        return []
    lineage: dict[str, Any] = model.lineage_json
    folder = settings.ARTIFACTS_DIR / model.path
    found = [serve_merged(folder)]
    if lineage["rank"] is not None:
        found.append(serve_adapter(lineage["base_folder"], folder / ADAPTER, model.name, lineage["rank"]))
    return found
