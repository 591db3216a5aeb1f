"""Finds a base model by its id: built in, promoted, or added."""

from __future__ import annotations

from pathlib import Path

from tunix.pipeline.models.added import added_model, added_names
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelInfo, base_model
from tunix.pipeline.models.promoted import PREFIX, promoted_model


def resolve_base_model(base_model_id: str, artifacts_dir: Path) -> BaseModelInfo:
    """The base model with this id, whose files are known to be unchanged.

    Raises UnknownBaseModel, and BaseModelError if its folder is missing or was changed.
    """
    if base_model_id.startswith(PREFIX):
        return promoted_model(base_model_id, artifacts_dir)
    if base_model_id in BASE_MODELS:
        return BASE_MODELS[base_model_id]
    names = added_names(artifacts_dir)
    return added_model(base_model_id, artifacts_dir) if base_model_id in names else base_model(base_model_id, names)
