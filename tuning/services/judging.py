"""Refuses work on a job whose scores would be missing, or not comparable with those that it has."""

from __future__ import annotations

from tunix.api.exceptions import Conflict
from tunix.datasets.models import Dataset
from tunix.pipeline.judges.options import judge_of
from tunix.runs.validation import why_no_judge, why_unfit_for

from ..analysis.judging import judge_version_of
from ..domain.job_evaluation import JobEvaluation
from ..models import TuningJob


def why_unfit(dataset: Dataset, evaluation: JobEvaluation, *, confirms: bool) -> str:
    """Why the judge cannot read the answers of the rows of the trials, or of the confirmation; empty if it can."""
    asked = [evaluation.of_trials, *([evaluation.of_proof] if confirms else [])]
    return next((why for one in asked if (why := why_unfit_for(dataset, one))), "")


def refuse_unfit_judge(job: TuningJob, verb: str, *, confirms: bool) -> None:
    """Raises Conflict for a job that was created before its judge refused such answers."""
    if why := why_unfit(job.dataset, job.evaluation, confirms=confirms):
        raise Conflict(f"Cannot {verb}: {why}")


def refuse_another_judge_version(job: TuningJob, verb: str) -> None:
    """Raises Conflict if new trials would be judged by another version than the completed ones."""
    if why := why_another_judge_version(job):
        raise Conflict(f"Cannot {verb}: {why}")


def why_another_judge_version(job: TuningJob) -> str:
    """Why new trials would not be comparable with the completed ones; empty if they are, or the judge cannot judge."""
    name = job.evaluation.judge
    known = judge_version_of(job)
    if known is None or why_no_judge(name) or known == (version := judge_of(job.evaluation).version):
        return ""
    return (
        f"The trials were judged by version {known} of {name}, and now it has version {version}: new scores would not"
        " be comparable. Clone the job to judge all its trials by one version."
    )
