"""The verdict of a confirmation: read from the rows, computed by the domain, written to the job."""

from __future__ import annotations

from typing import Any

from tunix.evaluation.access_to_test_set import accesses_to_test_set
from tunix.runs.models import TunixRun

from ..analysis.confirmation import is_confirming, is_default
from ..analysis.guards import job_guards_of, why_no_best
from ..analysis.scores import is_judged, item_scores
from ..choices import EventKind, TrialKind, TrialStatus
from ..domain.selection.confirmation import Verdict, verdict
from ..domain.selection.outcome import VerdictOutcome
from ..domain.selection.verdict import DEFAULT_IS_BEST, sentence_of
from ..models import TuningJob, TuningTrial

FEWEST_SEEDS = 2
"""One seed of a configuration does not show how much seeds differ."""


def write_verdict(job: TuningJob, detail: str = "") -> None:
    """Write the verdict of the confirmation of a job that ends, if it has one; `detail` says why it ended."""
    if not is_confirming(job):
        return
    held_out = list(
        job.trials.of_confirmation(TrialKind.HELD_OUT, job.confirmation_round)
        .select_related("source", "run")
        .order_by("number")
    )
    best = next((trial.source for trial in held_out if trial.source), None)
    found = _judged(job, best, held_out) if best else _not_confirmed(detail or _why_no_winner(job))
    known = {
        "round": job.confirmation_round,
        "search_trials": _searched(job),
        "test_looks": accesses_to_test_set(job.dataset),
    }
    job.verdict_json = known | found | {"excluded": excluded_finalists(job, job.confirmation_round)}
    job.confirmed_run = _confirmed_run(held_out)
    TuningJob.objects.filter(pk=job.pk).update(verdict_json=job.verdict_json, confirmed_run=job.confirmed_run)
    job.add_event(EventKind.VERDICT, detail=found["sentence"])


def keep_exclusions_in_verdict(job: TuningJob) -> None:
    """Record in the last verdict, if there is one, which of its finalists are excluded now: that makes it stale."""
    if job.verdict is None:
        return
    excluded = excluded_finalists(job, job.verdict.round or job.confirmation_round)
    job.verdict_json = job.verdict_json | {"excluded": excluded}
    TuningJob.objects.filter(pk=job.pk).update(verdict_json=job.verdict_json)


def excluded_finalists(job: TuningJob, confirmation: int) -> list[int]:
    """Numbers of the finalists of a confirmation that a user has excluded."""
    sources = job.trials.filter(excluded_at__isnull=False, copies__round=confirmation)
    return sorted(set(sources.values_list("number", flat=True)))


def _searched(job: TuningJob) -> int:
    """How many trials had completed when the finalists were chosen. With more completed trials the verdict is stale."""
    completed = job.trials.search().completed()
    finalist = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).order_by("number").first()
    return (completed if finalist is None else completed.filter(finished_at__lte=finalist.created_at)).count()


def _judged(job: TuningJob, best: TuningTrial, held_out: list[TuningTrial]) -> dict[str, Any]:
    ours = item_scores(trial for trial in held_out if trial.source_id)
    theirs = item_scores(trial for trial in held_out if not trial.source_id)
    about = {"winner": best.number, "judge": job.evaluation.judge, "seeds": len(ours)}
    if is_default(job, best):
        return about | {"outcome": VerdictOutcome.NO_IMPROVEMENT, "sentence": DEFAULT_IS_BEST}
    for name, scores in (("the winner", ours), ("the default configuration", theirs)):
        if len(scores) < FEWEST_SEEDS:
            lacking = f"{len(scores)} of {job.confirmation.seeds} held-out runs of {name} completed"
            return about | _not_confirmed(lacking)
    mode = job.metric_mode if is_judged(job) else "max"
    return about | _in_figures(verdict(ours, theirs, mode))


def _in_figures(found: Verdict) -> dict[str, Any]:
    compared = found.comparison
    return {
        "outcome": found.outcome,
        "sentence": sentence_of(found),
        "difference": compared.difference,
        "low": compared.low,
        "high": compared.high,
        "p": compared.p,
        "items": compared.items,
        "method": compared.method,
        "score": found.winner_score,
        "score_low": found.winner_interval.low,
        "score_high": found.winner_interval.high,
        "default_score": found.default_score,
    }


def _confirmed_run(held_out: list[TuningTrial]) -> TunixRun | None:
    """The winner's held-out run with the median score: it represents the verdict, unlike the luckiest run."""
    completed = [trial for trial in held_out if trial.source_id and trial.status == TrialStatus.COMPLETED]
    ranked = sorted(completed, key=lambda trial: (trial.metric_value or 0.0, trial.number))
    return ranked[(len(ranked) - 1) // 2].run if ranked else None


def _why_no_winner(job: TuningJob) -> str:
    """Why guards or exclusions leave no winner; empty if they are not the cause."""
    if why := why_no_best(job):
        return why.removesuffix(".").replace("No", "no", 1)
    again = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).completed()
    disqualified = any(map(job_guards_of(job).disqualified, again))
    if again and not again.filter(source__excluded_at__isnull=True).exists():
        return "every finalist that completed is excluded"
    return "a fresh seed of every finalist that completed breaks a guard" if disqualified else ""


def _not_confirmed(detail: str) -> dict[str, Any]:
    sentence = f"Not confirmed: {detail or 'no finalist completed its confirmation'}."
    return {"outcome": VerdictOutcome.NOT_CONFIRMED, "sentence": sentence}
