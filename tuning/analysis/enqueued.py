"""Configurations that people have enqueued and that are no trial yet."""

from __future__ import annotations

from tunix.pipeline.spec import Scalar

from ..choices import TrialOrigin
from ..models import TuningJob


def next_enqueued(job: TuningJob) -> dict[str, Scalar] | None:
    """The first given configuration that is no trial yet; None where there is none left."""
    ahead = enqueued_ahead(job)
    return job.given_params_json[-ahead] if ahead else None


def enqueued_ahead(job: TuningJob) -> int:
    """How many of the given configurations are no trial yet. No query where none is given."""
    if not job.given_params_json:
        return 0
    return len(job.given_params_json) - job.trials.filter(origin=TrialOrigin.ENQUEUED, replicate=0).count()
