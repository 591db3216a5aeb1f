"""The columns of a base model that say what is in its folder."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.models.pretrained.description import description
from tunix.pipeline.models.pretrained.inspection import PretrainedModel

from ..results import storable_json

MAX_LICENSE_LENGTH = 200


def columns_of(pretrained: PretrainedModel, license: str = "") -> dict[str, Any]:  # noqa: A002
    """The columns for a checked folder. `license` replaces what the folder states.

    They do not say where it is, because it gets its name only when it is complete: the row's `path` does.
    """
    details, template = description(pretrained, with_hash=False), pretrained.chat_template
    del details["folder"]
    columns = {
        "family": pretrained.configuration.family.name,
        "parameters": pretrained.parameters,
        "license": license or pretrained.license,
        "details_json": details,
        "chat_template": template.text if template else "",
    }
    stored: dict[str, Any] = storable_json(columns)
    return stored | {"license": stored["license"][:MAX_LICENSE_LENGTH]}
