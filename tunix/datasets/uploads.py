"""Uploaded files, and the limit on their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tunix.api.exceptions import ServiceError
from tunix.api.incoming import content_length

from .importing import ImportOptions, Source
from .importing.options import SOURCES, delimiter_named
from .models import Dataset
from .services import import_dataset

ABOUT = ("key", "source", "license", "project")


class TooLarge(ServiceError):
    """The upload exceeds the limit."""

    status = 413
    code = "too_large"
    title = "The upload is too large"


def refuse_too_large(request: HttpRequest) -> None:
    """Raises TooLarge by the declared length. Call it before anything reads the body."""
    limit = settings.MAX_UPLOAD_BYTES
    if content_length(request) > limit:
        raise TooLarge(
            f"At most {limit / 2**20:,.4g} MiB can be uploaded. For larger files, use"
            " `manage.py import_dataset` on the server."
        )


def import_uploads(fields: Mapping[str, Any], owner: Any) -> Dataset:
    """Imports the files of a form on the page or over the API. Raises as `import_dataset` does."""
    about = {name: fields[name] for name in ABOUT}
    most = settings.MAX_UNPACKED_BYTES
    sources = {name: Source.from_upload(fields[name], most) for name in SOURCES if fields.get(name)}
    given = {name: fields[name] for name in ImportOptions.__dataclass_fields__ if name in fields}
    options = ImportOptions(**given | {"delimiter": delimiter_named(given.get("delimiter", ""))})
    return import_dataset(sources=sources, options=options, owner=owner, **about)
