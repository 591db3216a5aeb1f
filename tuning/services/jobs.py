"""Create, change and delete a job."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tunix.api.exceptions import Conflict, InvalidInput

from ..analysis.enqueued import enqueued_ahead
from ..choices import EventKind, JobStatus
from ..domain.changes import changes_in_words
from ..ledger.files import request_of
from ..models import TuningJob
from .definition import columns_of, define_job, read_definition, warnings_of
from .transitions import lock_for, reread

LIVE_FIELDS = frozenset({"name", "notes", "max_concurrent_trials", "num_samples", "budget_json"})
"""What may be changed while a job is queued or running, and before a resume."""


def create_job(*, data: Mapping[str, Any], owner: Any) -> TuningJob:
    """A new job in state `created`. Raises InvalidInput with the path of every fault; then nothing was created."""
    job = define_job(data=data, owner=owner)
    with transaction.atomic():
        job.save(force_insert=True)
        job.add_event(EventKind.CREATED, actor=owner)
    return job


def update_job(*, job: TuningJob, data: Mapping[str, Any], actor: Any) -> TuningJob:
    """Change a job: every field before the start, afterwards only LIVE_FIELDS, none once it is completed.

    Raises Conflict or InvalidInput.
    """
    with transaction.atomic():
        lock_for(job, "edit")
        settled = sorted(set(_without_alias(data)) - LIVE_FIELDS)
        if settled and job.status != JobStatus.CREATED:
            raise Conflict(f"Cannot edit: The job is {job.status}, so {', '.join(settled)} can no longer be changed.")
        definition, dataset = read_definition(
            request_of(job) | _without_alias(data), actor, starts=job.status == JobStatus.CREATED
        )
        columns = columns_of(definition) | {"dataset": dataset}
        if job.status != JobStatus.CREATED:
            columns = {name: columns[name] for name in LIVE_FIELDS}
            _refuse_too_few_samples(job, columns["num_samples"])
        TuningJob.objects.filter(pk=job.pk).update(**columns)
        changed = {name: (getattr(job, name), columns[name]) for name in sorted(columns)}
        if told := changes_in_words(changed):
            job.add_event(EventKind.CHANGED, actor=actor, detail=told)
    reread(job)
    job.definition_warnings = warnings_of(definition, dataset)  # type: ignore[attr-defined]
    return job


def delete_job(*, job: TuningJob, actor: Any) -> None:
    """Remove a job that is not live, its trials and its folder; its runs and its events stay. Raises Conflict."""
    with transaction.atomic():
        jobs = TuningJob.objects.filter(pk=job.pk)
        if not jobs.exists():  # deleted in the meantime
            return
        lock_for(job, "delete")
        job.add_event(EventKind.DELETED, actor=actor)
        jobs.delete()
        transaction.on_commit(lambda: shutil.rmtree(job.work_dir(), ignore_errors=True))


def _without_alias(data: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(data)
    if "search_space" in plain and "search_space_json" not in plain:
        plain["search_space_json"] = plain.pop("search_space")
    return plain


def _refuse_too_few_samples(job: TuningJob, num_samples: int) -> None:
    existing = job.trials.search().count()
    waiting = enqueued_ahead(job)
    if num_samples < existing + waiting * job.replicates:
        more = f" and {waiting} enqueued configurations" if waiting else ""
        raise InvalidInput({"num_samples": [f"The job already has {existing} trials{more}."]})
