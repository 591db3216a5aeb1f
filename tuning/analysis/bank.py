"""The bank of default runs: completed runs of the default configuration that a later job can take as its controls."""

from __future__ import annotations

from django.conf import settings

from tunix.pipeline.reuse import REUSED_RUN, what_determines
from tunix.pipeline.spec import Reuse, RunSpec
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun, trained

from ..choices import TrialKind, TrialStatus
from ..domain.selection.seeds import shared_salt
from ..models import TuningJob, TuningTrial

LOOKED_AT = 50


def salt_of_controls(job: TuningJob) -> str:
    """What the seeds of a job's controls are made from: its own id, or with a bank what all jobs like it share."""
    if not settings.REUSE_DEFAULT_RUNS:
        return str(job.pk)
    return shared_salt(job.project, str(job.dataset_id), job.dataset.version)


def reusable_run(job: TuningJob, trial: TuningTrial, spec: RunSpec) -> Reuse | None:
    """A run of the default configuration in another job of the project with the same spec; None if it must be trained.

    The newest that was trained: a run that was taken itself is left out, so that each names the one that was trained.
    Whether its files are as they were is for the worker to check.
    """
    if not settings.REUSE_DEFAULT_RUNS or trial.kind != TrialKind.DEFAULT or trial.attempts.exists():
        return None
    alike = TunixRun.objects.filter(
        trained(),
        trial__kind=TrialKind.DEFAULT,
        trial__status=TrialStatus.COMPLETED,
        status=RunStatus.COMPLETED,
        project=job.project,
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        seed=spec.hyperparameters["seed"],
    ).exclude(trial__job=job)
    asked = what_determines(spec.model_dump(mode="json"))
    for run in alike.order_by("-created_at", "-id")[:LOOKED_AT]:
        if run.result_hash and what_determines(run.config_json) == asked:
            return Reuse(run_id=run.run_id, result_hash=run.result_hash)
    return None


def reused_run_of(trial: TuningTrial) -> str:
    """The id of the run whose result a trial has; empty if it was trained."""
    return str(trial.run.environment_json.get(REUSED_RUN, "")) if trial.run else ""


def bank_sentence(job: TuningJob) -> str | None:
    """Which runs of the default were taken from other jobs; None if none was."""
    defaults = list(job.trials.defaults().completed().select_related("run").order_by("number"))
    taken = [(trial.number, run) for trial in defaults if (run := reused_run_of(trial))]
    if not taken:
        return None
    named = ", ".join(f"trial {number} is run {run}" for number, run in taken)
    return f"{len(taken)} of {len(defaults)} runs of the default were trained for an earlier job: {named}."
