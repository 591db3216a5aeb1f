"""The verdict of a confirmation: gathered from the rows, judged by the domain, written on the job."""

from __future__ import annotations

from typing import Any

from tunix.evaluation.looks import TEST, looks_at
from tunix.evaluation.models import Evaluation
from tunix.runs.models import TunixRun

from .choices import EventKind, TrialKind, TrialStatus, VerdictOutcome
from .domain.confirmation import verdict
from .models import TuningJob, TuningTrial
from .stages import is_confirming

Scores = list[list[float | None]]


def settle_verdict(job: TuningJob, detail: str = "") -> None:
    """Write what the confirmation of a job that ends showed, if one was asked for; `detail` says why it ended."""
    if not is_confirming(job):
        return
    held_out = list(
        job.trials.filter(kind=TrialKind.HELD_OUT, round=job.confirmation_round)
        .select_related("source", "run")
        .order_by("number")
    )
    best = next((trial.source for trial in held_out if trial.source), None)
    found = _judged(job, best, held_out) if best else _not_confirmed(detail)
    known = {"round": job.confirmation_round, "search_trials": _searched(job), "test_looks": looks_at(job.dataset)}
    job.verdict_json = known | found
    job.confirmed_run = _confirmed_run(held_out)
    TuningJob.objects.filter(pk=job.pk).update(verdict_json=job.verdict_json, confirmed_run=job.confirmed_run)
    job.add_event(EventKind.VERDICT, detail=found["sentence"])


def _searched(job: TuningJob) -> int:
    """A verdict that knew fewer than have completed is stale."""
    return job.trials.filter(kind=TrialKind.SEARCH, status=TrialStatus.COMPLETED).count()


def _judged(job: TuningJob, best: TuningTrial, held_out: list[TuningTrial]) -> dict[str, Any]:
    ours = _scores(trial for trial in held_out if trial.source_id)
    theirs = _scores(trial for trial in held_out if not trial.source_id)
    found = verdict(ours, theirs)
    return {"winner": best.number, "judge": job.evaluation_json["judge"], "split": TEST, **found.to_json()}


def _scores(trials: Any) -> Scores:
    """The item scores of the trials that completed, a list a seed."""
    runs = [trial.run_id for trial in trials if trial.status == TrialStatus.COMPLETED]
    found = Evaluation.objects.filter(run__in=runs, split=TEST, own_lease=False).order_by("created_at")
    return list(found.values_list("item_scores", flat=True))


def _confirmed_run(held_out: list[TuningTrial]) -> TunixRun | None:
    """Of the winner's proofs the one in the middle, which is what the verdict speaks of: not the luckiest."""
    completed = [trial for trial in held_out if trial.source_id and trial.status == TrialStatus.COMPLETED]
    ranked = sorted(completed, key=lambda trial: (trial.metric_value or 0.0, trial.number))
    return ranked[(len(ranked) - 1) // 2].run if ranked else None


def _not_confirmed(detail: str) -> dict[str, Any]:
    sentence = f"Not confirmed: {detail or 'no finalist completed its confirmation'}."
    return {"outcome": VerdictOutcome.NOT_CONFIRMED, "sentence": sentence}
