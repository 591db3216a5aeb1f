"""The check of whether further trials of a job could be compared with those that it has."""

from __future__ import annotations

from collections.abc import Iterator

from tunix.pipeline.engine.version import ENGINE_VERSION, changes_between

from ..choices import TrialStatus
from ..models import TuningJob
from ..services.judging import why_another_judge_version
from .findings import Finding, problem, warning


def check_versions(job: TuningJob) -> Iterator[Finding]:
    """Nothing about a job without completed trials, or whose trials are of the versions that are installed."""
    if why := why_another_judge_version(job):
        yield problem("evaluation_json.judge", f"It takes no further trials. {why}")
    completed = job.trials.filter(status=TrialStatus.COMPLETED)
    versions = {known or 1 for known in completed.values_list("run__environment_json__engine_version", flat=True)}
    for version in sorted(versions - {ENGINE_VERSION}):
        yield warning(
            "fixed_params_json",
            f"Trials were trained by version {version} of the training engine, and now it has version {ENGINE_VERSION}:"
            f" {changes_between(version, ENGINE_VERSION)} Clone the job to train all its trials by one version.",
        )
