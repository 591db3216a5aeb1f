"""Clone a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ..choices import EventKind
from ..domain.job_definition import MAX_NAME, SEARCH_SPACE_ALIAS, SEARCH_SPACE_PATH
from ..ledger.files import request_of
from ..models import TuningJob
from .jobs import create_job

COPY = " (copy)"


def clone_job(*, job: TuningJob, data: Mapping[str, Any], actor: Any) -> TuningJob:
    """A new job in state `created` with the definition of `job`, whatever its state; `data` replaces fields.

    It belongs to `actor`. Raises InvalidInput as creating a job does.
    """
    # A search space that is sent under its alias replaces the copied one.
    replaced = dict(data) | ({SEARCH_SPACE_PATH: None} if data.get(SEARCH_SPACE_ALIAS) is not None else {})
    with transaction.atomic():
        copy = create_job(data=definition_of_copy(job) | replaced, owner=actor)
        copy.add_event(EventKind.CLONED, actor=actor, detail=f"from {job.name} ({job.pk})")
    return copy


def definition_of_copy(job: TuningJob) -> dict[str, Any]:
    """The definition of a copy, under a new name."""
    return request_of(job) | {"name": job.name[: MAX_NAME - len(COPY)] + COPY}
