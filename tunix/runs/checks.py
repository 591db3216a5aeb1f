"""System checks of the settings of base models from folders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from tunix.pipeline.models.memory import base_model_memory


@register("settings")
def roots_are_folders(**kwargs: Any) -> list[CheckMessage]:
    """A root that is missing, or depends on where the server was started, would only show when a model is added."""
    return [
        Error(
            f"MODEL_ROOTS names {root}, which is not an absolute path of a folder.",
            hint="Name existing folders, separated by commas, such as /srv/models.",
            id="runs.E001",
        )
        for root in settings.MODEL_ROOTS
        if not (root.is_absolute() and root.is_dir())
    ]


@register("settings")
def memory_is_a_number(**kwargs: Any) -> list[CheckMessage]:
    """Workers read it when they load a model."""
    try:
        base_model_memory()
    except ValueError as error:
        return [Error(str(error), hint="Correct it, or remove it for half of the memory.", id="runs.E002")]
    return []
