"""What can be done with a job. Buttons, admin actions, API verbs and commands all call these functions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from tunix.api.exceptions import Conflict, Errors, InvalidInput
from tunix.datasets.models import Dataset
from tunix.datasets.services import get_dataset
from tunix.runs.services import get_base_model
from tunix.runs.validation import why_no_judge
from tunix.work.disk import refuse_without_space

from .analysis.enqueued import given_ahead
from .analysis.leakage import overlap_warnings, why_no_proof
from .choices import TERMINAL_JOB_STATUSES, EventKind, JobStatus, TrialKind, TrialStatus
from .domain.changes import changes_in_words
from .domain.guards import Guard, guard_path
from .domain.job_definition import InvalidJob, JobDefinition
from .ledger.best import settle_best_if_it_can_be_written
from .ledger.files import request_of
from .models import TuningJob
from .transitions import (
    lock,
    refuse_used_up_failures,
    reopen_after_an_end,
    reread,
    search_again,
    trials_wanted,
    why_not,
)
from .warm_start import history_faults, history_warnings

LIVE_FIELDS = frozenset({"name", "notes", "max_concurrent_trials", "num_samples", "budget_json"})
"""What may be changed while a job is queued or running, and before a resume."""


def create_job(*, data: Mapping[str, Any], owner: Any) -> TuningJob:
    """A new job in state `created`. Raises InvalidInput with the path of every fault; then nothing was created."""
    job = define_job(data=data, owner=owner)
    with transaction.atomic():
        job.save(force_insert=True)
        job.add_event(EventKind.CREATED, actor=owner)
    return job


def define_job(*, data: Mapping[str, Any], owner: Any = None) -> TuningJob:
    """The same job without a row, to be looked at. Raises InvalidInput."""
    definition, dataset = read_definition(data, owner)
    job = TuningJob(dataset=dataset, owner=owner, **columns_of(definition))
    job.definition_warnings = warnings_of(definition, dataset)  # type: ignore[attr-defined]
    return job


def update_job(*, job: TuningJob, data: Mapping[str, Any], actor: Any) -> TuningJob:
    """Change a job: every field before the start, afterwards only LIVE_FIELDS, none once it is completed.

    Raises Conflict or InvalidInput.
    """
    with transaction.atomic():
        lock(job)
        _refuse_fields_that_are_settled(job, data)
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


def warnings_of(definition: JobDefinition, dataset: Dataset) -> Errors:
    """What is unusual about a job, by path: about the definition, and about the rows that it chooses by."""
    found: Errors = {path: list(texts) for path, texts in definition.warnings.items()}
    for more in (overlap_warnings(dataset, definition.evaluation.split), history_warnings(definition)):
        for path, texts in more.items():
            found.setdefault(path, []).extend(texts)
    return found


def start_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """created -> queued, and a wake-up for a worker on commit. Raises Conflict, NoSpace and OverQuota.

    In the foreground no worker is woken: the caller supervises the job itself.
    """
    with transaction.atomic():
        refuse_without_space()
        created = {JobStatus.CREATED}
        search_again(job, created, verb="start", event=EventKind.STARTED, actor=actor, foreground=foreground)
    return job


def cancel_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """created or queued: canceled at once. running: asked to stop. canceled: no change. Raises Conflict."""
    with transaction.atomic():
        lock(job)
        if _cancel_waiting(job):
            job.add_event(EventKind.CANCELED, actor=actor)
            if job.epoch > 0:  # it has run, and no runner will write its best.json any more
                settle_best_if_it_can_be_written(job)
        elif _ask_to_stop(job):
            job.add_event(EventKind.CANCEL_REQUESTED, actor=actor)
        reread(job)
    if job.status in TERMINAL_JOB_STATUSES - {JobStatus.CANCELED}:
        raise Conflict(f"The job is {job.status}: there is nothing to cancel.")
    return job


def resume_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """failed or canceled -> queued. Canceled trials and those that failed by the machine or without an
    explanation run again with their own parameters; the other failures stay. Raises Conflict, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        ended = {JobStatus.FAILED, JobStatus.CANCELED}
        search_again(job, ended, verb="resume", event=EventKind.RESUMED, actor=actor, foreground=foreground)
        reopen_after_an_end(trials_wanted(job))
        refuse_used_up_failures(job)
    return job


def confirm_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """completed -> queued, for its finalists to be trained again and its winner to be held against the default.

    Raises Conflict, also where there is nothing to confirm, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        lock(job)
        if reason := why_not(job, "confirm"):
            raise Conflict(f"Cannot confirm: {reason}")
        search_again(
            job,
            {JobStatus.COMPLETED},
            verb="confirm",
            event=EventKind.CONFIRMATION_REQUESTED,
            actor=actor,
            foreground=foreground,
            confirmation_round=job.confirmation_round + 1,
        )
    return job


def delete_job(*, job: TuningJob, actor: Any) -> None:
    """Remove a job that is not live, its trials and its folder; its runs and its events stay. Raises Conflict."""
    with transaction.atomic():
        locked = TuningJob.objects.select_for_update().filter(pk=job.pk).first()
        if locked is None:
            return
        if locked.is_live:
            raise Conflict(f"The job is {locked.status}. Cancel it first.")
        locked.add_event(EventKind.DELETED, actor=actor)
        locked.delete()
        transaction.on_commit(lambda: shutil.rmtree(job.work_dir(), ignore_errors=True))


def read_definition(data: Mapping[str, Any], actor: Any, *, starts: bool = True) -> tuple[JobDefinition, Dataset]:
    """The definition, resolved, and its data set. Raises InvalidInput with all faults, look-ups included.

    The jobs that one starts from are looked up where it `starts`: afterwards nobody asks for them any more.
    """
    errors: Errors = {}
    definition: JobDefinition | None = None
    dataset: Dataset | None = None
    try:
        definition = JobDefinition.parse(data)
    except InvalidJob as error:
        errors |= error.errors
    for field, look_up in (("dataset_key", get_dataset), ("base_model_id", get_base_model)):
        if field in errors or not isinstance(data.get(field), str):
            continue
        try:
            found = look_up(data[field])
            dataset = found if isinstance(found, Dataset) else dataset
        except InvalidInput as error:
            errors |= error.errors
    if definition is not None and dataset is not None and not errors:
        errors |= _evaluation_faults(definition, dataset)
        errors |= history_faults(definition, dataset, actor) if starts else {}
    for index, guard in enumerate(definition.guards if definition is not None else []):
        errors |= _guard_faults(index, guard)
    if errors or definition is None or dataset is None:
        raise InvalidInput(errors)
    return definition, dataset


def _evaluation_faults(definition: JobDefinition, dataset: Dataset) -> Errors:
    split = definition.evaluation_json["split"]
    faults: Errors = {}
    if why := why_no_judge(definition.evaluation.judge):
        faults["evaluation_json.judge"] = [why]
    if not dataset.rows_of(split):
        faults["evaluation_json.split"] = [f"The data set {dataset.key} has no {split} rows."]
    stopping = definition.early_stopping
    if stopping is not None and stopping.metric == "eval_loss" and not dataset.validation_rows:
        faults["early_stopping_json.metric"] = [
            f"The data set {dataset.key} has no validation rows, so no eval_loss: use train_loss."
        ]
    if definition.confirmation.automatic and (why := why_no_proof(dataset)):
        faults["confirmation_json.automatic"] = [why]
    return faults


def _guard_faults(index: int, guard: Guard) -> Errors:
    """What keeps a guard from being scored; its data set is looked up as that of the job is."""
    faults: Errors = {}
    try:
        dataset = get_dataset(guard.dataset)
    except InvalidInput as error:
        return {guard_path(index, "dataset"): error.errors["dataset_key"]}
    split = guard.evaluation.split
    if not dataset.rows_of(split):
        faults[guard_path(index, "split")] = [f"The data set {dataset.key} has no {split} rows."]
    if why := why_no_judge(guard.evaluation.judge):
        faults[guard_path(index, "judge")] = [why]
    return faults


def columns_of(definition: JobDefinition) -> dict[str, Any]:
    columns = definition.to_json()
    columns.pop("dataset_key")
    return columns


def _without_alias(data: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(data)
    if "search_space" in plain and "search_space_json" not in plain:
        plain["search_space_json"] = plain.pop("search_space")
    return plain


def _refuse_fields_that_are_settled(job: TuningJob, data: Mapping[str, Any]) -> None:
    if job.status == JobStatus.CREATED:
        return
    if job.status == JobStatus.COMPLETED:
        raise Conflict("The job is completed: it can be looked at, but not changed.")
    settled = sorted(set(_without_alias(data)) - LIVE_FIELDS)
    if settled:
        raise Conflict(f"The job is {job.status}: {', '.join(settled)} cannot be changed any more.")


def _refuse_too_few_samples(job: TuningJob, num_samples: int) -> None:
    existing = job.trials.filter(kind=TrialKind.SEARCH).count()
    waiting = given_ahead(job)
    if num_samples < existing + waiting * job.replicates:
        more = f" and {waiting} given configurations to try" if waiting else ""
        raise InvalidInput({"num_samples": [f"The job has {existing} trials already{more}."]})


def _cancel_waiting(job: TuningJob) -> bool:
    now = timezone.now()
    waiting = {JobStatus.CREATED, JobStatus.QUEUED}
    done = TuningJob.objects.filter(pk=job.pk, status__in=waiting).update(
        status=JobStatus.CANCELED, cancel_requested_at=now, finished_at=now
    )
    if done:
        job.trials.filter(status=TrialStatus.PENDING).update(
            status=TrialStatus.CANCELED, reason="canceled", finished_at=now
        )
    return bool(done)


def _ask_to_stop(job: TuningJob) -> bool:
    return bool(
        TuningJob.objects.filter(pk=job.pk, status=JobStatus.RUNNING, cancel_requested_at__isnull=True).update(
            cancel_requested_at=timezone.now()
        )
    )
