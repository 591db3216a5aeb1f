"""Enqueue a configuration: it is tried before the sampler proposes its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from tunix.api.exceptions import Conflict, Errors
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..analysis.budgets import stop_of_search
from ..analysis.enqueued import enqueued_ahead
from ..choices import EventKind
from ..domain.job_definition import MAX_SAMPLES
from ..domain.sampling.enqueued import MAX_ENQUEUED, parse_configuration
from ..domain.space.params_hash import params_hash
from ..models import TuningJob
from .reasons import search_is_over
from .transitions import lock_for

PATH = "params_json"


@dataclass(frozen=True)
class Enqueued:
    """A configuration that waits for its slot behind `ahead` others, and whether the number of trials was raised."""

    params: dict[str, Scalar]
    ahead: int
    num_samples: int
    raised: bool
    warnings: Errors = field(default_factory=dict)


def enqueue_configuration(*, job: TuningJob, data: Any, actor: Any) -> Enqueued:
    """Append `data["params_json"]` to the enqueued configurations of a job; it becomes a trial when its turn comes.

    It takes one of the job's slots; if all are taken, num_samples is raised. Raises InvalidInput with the
    path of each fault (params_json.learning_rate), and Conflict.
    """
    with transaction.atomic():
        lock_for(job, "enqueue")
        if stop := stop_of_search(job):  # reached just now: the runner has not noted it yet
            raise Conflict(f"Cannot enqueue: {search_is_over(stop.detail)}")
        params, warnings = _checked(job, data)
        ahead = enqueued_ahead(job)
        slots = job.trials.search().filter(replicate=0).count()
        trials = (slots + ahead + 1) * job.replicates
        if trials > MAX_SAMPLES or len(job.given_params_json) >= MAX_ENQUEUED:
            raise Conflict(f"A job has at most {MAX_SAMPLES:,} trials, at most {MAX_ENQUEUED:,} of them enqueued.")
        enqueued = Enqueued(params, ahead, max(job.num_samples, trials), trials > job.num_samples, warnings)
        columns = {"given_params_json": [*job.given_params_json, params], "num_samples": enqueued.num_samples}
        TuningJob.objects.filter(pk=job.pk).update(**columns)
        detail = ", ".join(f"{name}={value}" for name, value in sorted(enqueued.params.items()))
        detail += f"; num_samples is {enqueued.num_samples} now" if enqueued.raised else ""
        job.add_event(EventKind.ENQUEUED, actor=actor, detail=detail)
        job.refresh_from_db()
    return enqueued


def _checked(job: TuningJob, data: Any) -> tuple[dict[str, Scalar], Errors]:
    faults, warnings = Faults(), Faults()
    asked = Fields(data, faults, known=(PATH,)).get(PATH)
    params: dict[str, Scalar] = {}
    if asked is None:
        faults.add(PATH, "Required.")
    else:
        params = parse_configuration(asked, PATH, job.space(), job.fixed_params_json, faults, warnings)
    faults.raise_if_any()
    if (known := _same(job, params)) is not None:
        warnings.add(PATH, known)
    return params, warnings.messages


def _same(job: TuningJob, params: Mapping[str, Scalar]) -> str | None:
    """A warning if a trial or an enqueued configuration has the same parameters, which is allowed."""
    digest = params_hash(params)
    trial = job.trials.search().filter(params_hash=digest).order_by("number").first()
    if trial is not None:
        return f"Trial {trial.number} has the same parameters."
    given = any(params_hash(one) == digest for one in job.given_params_json)
    return "The same parameters are already enqueued." if given else None
