"""Enqueued configurations that are not trials yet."""

from __future__ import annotations

from tunix.pipeline.spec import Scalar

from ..choices import TrialOrigin
from ..models import TuningJob


def next_enqueued(job: TuningJob) -> dict[str, Scalar] | None:
    """The first enqueued configuration that is not a trial yet; None if there is none."""
    ahead = enqueued_ahead(job)
    return job.given_params_json[-ahead] if ahead else None


def enqueued_ahead(job: TuningJob) -> int:
    """How many enqueued configurations are not trials yet. No query where none is enqueued."""
    if not job.given_params_json:
        return 0
    return len(job.given_params_json) - job.trials.filter(origin=TrialOrigin.ENQUEUED, replicate=0).count()
