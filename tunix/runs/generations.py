"""Sends prompts to the models of runs, for pages, API and commands: services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tunix.api.exceptions import Conflict, OverQuota
from tunix.pipeline.folder import CHECKPOINT, MODEL
from tunix.pipeline.spec import MAX_TEMPERATURE, RunSpec
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.work.disk import refuse_without_space
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.lease import ask_to_stop
from tunix.work.quota import refuse_over_quota

from .choices import RunStatus
from .models import Generation, TunixRun

MAX_PROMPT_LENGTH = 20_000
MAX_GENERATED_TOKENS = 1024
MAX_SEED = 2**32 - 1
MAX_ACTIVE, MAX_PER_MINUTE = 3, 10
"""Per user: each occupies a worker for some seconds, with a model in memory."""
GENERATION_FIELDS = ("prompt", "against", "max_new_tokens", "temperature", "seed")


@dataclass(frozen=True)
class Asked:
    """What a prompt is sent with."""

    prompt: str
    against: TunixRun | None
    max_new_tokens: int
    temperature: float
    seed: int


def generate(*, run: TunixRun, data: Any, actor: Any, dispatched: bool = True) -> Generation:
    """Creates a pending generation; its task is sent on commit unless `dispatched` is false.

    `data` has GENERATION_FIELDS, of which only the prompt is required; max_new_tokens is that of the run's evaluation.
    Also removes generations that have expired. Raises InvalidInput, NoSpace, OverQuota, and Conflict if a run has not
    completed or its checkpoint is gone.
    """
    asked = _checked(run, data)
    for one in (run, asked.against):
        if one is not None:
            refuse_without_checkpoint(one)
    refuse_without_space()
    Generation.objects.remove_expired()
    owner = actor if getattr(actor, "pk", None) else None
    with transaction.atomic():
        if owner is not None:
            _refuse_too_many(owner.pk)
        generation = Generation.objects.create(
            run=run, owner=owner, project=run.project, queued_at=timezone.now(), **vars(asked)
        )
        if dispatched:
            dispatch_on_commit(generation)
    generation.refresh_from_db()
    return generation


def refuse_without_checkpoint(run: TunixRun) -> None:
    """Raises Conflict unless the run has completed and its checkpoint is there."""
    if why := why_no_answer(run):
        raise Conflict(why)


def why_no_answer(run: TunixRun) -> str:
    """Why the model of a run cannot answer; empty if it can."""
    if run.status != RunStatus.COMPLETED:
        return f"Only the model of a completed run answers; run {run.pk} is {run.get_status_display()}."
    if not (run.work_dir() / CHECKPOINT / MODEL).is_file():
        return f"The checkpoint of run {run.pk} is gone. Reproduce the run to train it again."
    return ""


def cancel_generation(generation: Generation) -> Generation:
    """Cancels a generation: at once while it waits, else within seconds. Raises Conflict if it has ended otherwise."""
    ask_to_stop(generation)
    if generation.is_terminal and generation.status != "canceled":
        raise Conflict(f"The generation is {generation.get_status_display()}; there is nothing to cancel.")
    return generation


def usual_tokens(run: TunixRun) -> int:
    """The max_new_tokens of the run's evaluation, or the most that a prompt may ask for."""
    evaluation: Mapping[str, Any] = run.config_json.get("evaluation", {})
    default: int = RunSpec.model_fields["evaluation"].default.max_new_tokens
    return min(int(evaluation.get("max_new_tokens", default)), MAX_GENERATED_TOKENS)


def _checked(run: TunixRun, data: Any) -> Asked:
    faults = Faults()
    fields = Fields(data, faults, known=GENERATION_FIELDS)
    asked = Asked(
        prompt=fields.text("prompt", max_length=MAX_PROMPT_LENGTH),
        against=_against(run, fields),
        max_new_tokens=fields.whole("max_new_tokens", default=usual_tokens(run), low=1, high=MAX_GENERATED_TOKENS),
        temperature=_temperature(fields),
        seed=fields.whole("seed", default=0, low=0, high=MAX_SEED),
    )
    faults.raise_if_any()
    return asked


def _against(run: TunixRun, fields: Fields) -> TunixRun | None:
    value = fields.get("against")
    if value in (None, ""):
        return None
    found = TunixRun.objects.with_id(value)
    if found is None:
        fields.refuse("against", "There is no run with this id.")
    elif found.pk == run.pk:
        fields.refuse("against", "This is the run itself. Name another one.")
    return found


def _temperature(fields: Fields) -> float:
    value = fields.number("temperature")
    if value is not None and not 0 <= value <= MAX_TEMPERATURE:
        fields.refuse("temperature", f"Must be from 0 to {MAX_TEMPERATURE:g}.")
    return value or 0.0


def _refuse_too_many(owner_id: Any) -> None:
    refuse_over_quota(Generation, owner_id, limit=MAX_ACTIVE, noun="generations")
    since = timezone.now() - timedelta(minutes=1)
    if Generation.objects.filter(owner=owner_id, created_at__gt=since).count() >= MAX_PER_MINUTE:
        raise OverQuota(f"The limit of {MAX_PER_MINUTE} prompts per minute and user is reached. Wait a minute.")
