"""Finishes the addition of a model in a command that a person may interrupt."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from tunix.pipeline.models.added import FILES, added_dir

from ..models import BaseModel
from .addition import end_smoke_test, finish_addition
from .deletion import delete_model

INTERRUPTED = "The smoke test was interrupted. Run it again on the page of the model."


class AdditionInterrupted(Exception):
    """Ctrl-C was pressed; the message says what is left."""


def interrupted_addition(base_model_id: str, folder: Path, *, copy: bool = False) -> BaseModel | None:
    """The model of this id, if an addition of this folder was killed before its files were read."""
    place = added_dir(settings.ARTIFACTS_DIR, base_model_id) / FILES if copy else folder.resolve()
    model = BaseModel.objects.filter(base_model_id=base_model_id, source=BaseModel.Source.ADDED).first()
    return model if model is not None and model.is_being_added and model.folder() == place else None


def finish_in_foreground(model: BaseModel) -> BaseModel:
    """Reads and tries an added model. Ctrl-C removes it again, or keeps it if its files were read.

    Raises AdditionInterrupted.
    """
    try:
        return finish_addition(model)
    except KeyboardInterrupt:
        model.refresh_from_db()
        if model.is_being_added:
            delete_model(model=model, actor=None)
            raise AdditionInterrupted("Interrupted: the model was not added.") from None
        end_smoke_test(model, {"error": INTERRUPTED})
        raise AdditionInterrupted(f"Interrupted: {model} was added. {INTERRUPTED}") from None
