"""The verdict of a confirmation: read from the rows, computed by the domain, written to the job."""

from __future__ import annotations

from statistics import fmean
from typing import Any

from tunix.evaluation.access_to_test_set import accesses_to_test_set
from tunix.runs.models import TunixRun

from ..analysis.best import candidate_of
from ..analysis.confirmation import has_finalists, is_confirming
from ..analysis.guards import job_guards_of, why_no_best
from ..analysis.nothing_to_prove import why_nothing_to_prove
from ..analysis.proof import evidence_of, held_out_of, mode_of_score, plan_of_proof, seeds_made
from ..analysis.scores import is_judged
from ..choices import EventKind, TrialKind, TrialStatus
from ..domain.job_sections import MAX_SEEDS
from ..domain.selection.confirmation import Verdict, prove
from ..domain.selection.evidence import Account, TooFewRuns
from ..domain.selection.more_seeds import advice_of
from ..domain.selection.outcome import VerdictOutcome
from ..domain.selection.proof_sentences import About, sentences_of
from ..domain.selection.selection import middle_run
from ..domain.selection.stages import Evidence, Plan
from ..domain.selection.verdict import PROTOCOL
from ..models import TuningJob, TuningTrial

JUDGED_METRIC = "score_mean"


def write_verdict(job: TuningJob, detail: str = "") -> None:
    """Write the verdict of the confirmation of a job that ends, if it has one; `detail` says why it ended."""
    if not is_confirming(job):
        return
    held_out = held_out_of(job)
    best = next((trial.source for trial in held_out if trial.source), None)
    found = _judged(job, best, held_out) if best else _without_a_look(job, detail)
    known = {
        "round": job.confirmation_round,
        "search_trials": _searched(job),
        "test_looks": accesses_to_test_set(job.dataset),
        "protocol": PROTOCOL,
        "asked": job.asked_seeds,
    }
    job.verdict_json = known | found | {"excluded": excluded_finalists(job, job.confirmation_round)}
    job.verdicts_json = [*job.verdicts_json, job.verdict_json]
    job.confirmed_run = _confirmed_run(held_out)
    fields = ("verdict_json", "verdicts_json", "confirmed_run")
    TuningJob.objects.filter(pk=job.pk).update(**{name: getattr(job, name) for name in fields})
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


def _without_a_look(job: TuningJob, detail: str) -> dict[str, Any]:
    """The verdict of a confirmation that touched no test row."""
    why = None if _is_cut_short(job) else why_nothing_to_prove(job)
    if why is None:
        return _not_confirmed(detail or _why_no_winner(job))
    return {"outcome": VerdictOutcome.NOTHING_TO_PROVE, "sentence": f"Nothing to prove. {why}"}


def _is_cut_short(job: TuningJob) -> bool:
    """Whether a finalist has not been trained again with all its seeds, because the job ended."""
    return (
        has_finalists(job)
        and job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).canceled().exists()
    )


def _judged(job: TuningJob, best: TuningTrial, held_out: list[TuningTrial]) -> dict[str, Any]:
    about = {"winner": best.number, "judge": job.evaluation.judge}
    try:
        evidence, account = evidence_of(job, held_out)
    except TooFewRuns as lacking:
        return about | _not_confirmed(str(lacking))
    plan, seeds = plan_of_proof(job), seeds_made(held_out)
    given = _proved(job, evidence, plan, seeds, account)
    said = About(
        metric=job.metric_name if is_judged(job) else JUDGED_METRIC,
        winner=best.number,
        number=plan.number_at(seeds),
        margin=job.confirmation.margin,
        mode=mode_of_score(job),
        training=None if is_judged(job) else _training(job, held_out),
        advice=_advice(job, given, evidence, plan, seeds),
        added=plan.number_at(seeds) > plan.number,
    )
    about |= {"number": said.number, "metric": said.metric, "margin": said.margin, "seeds": given.winner_seeds}
    return about | _in_figures(given, account) | {"sentence": sentences_of(given, said)}


def _proved(job: TuningJob, evidence: Evidence, plan: Plan, seeds: int, account: Account) -> Verdict:
    margin, mode = job.confirmation.margin, mode_of_score(job)
    return prove(evidence, plan, seeds=seeds, margin=margin, mode=mode, account=account)


def _advice(job: TuningJob, given: Verdict, evidence: Evidence, plan: Plan, seeds: int) -> str:
    if given.outcome != VerdictOutcome.UNDECIDED:
        return ""
    margin, mode = job.confirmation.margin, mode_of_score(job)
    return advice_of(evidence, plan, seeds=seeds, margin=margin, mode=mode, most=MAX_SEEDS)


def _training(job: TuningJob, held_out: list[TuningTrial]) -> tuple[str, float] | None:
    """The metric by which trials are chosen, if it is one of training, and winner minus default in it."""
    values = [
        [
            trial.metric_value
            for trial in held_out
            if bool(trial.source_id) == is_winner and trial.metric_value is not None
        ]
        for is_winner in (True, False)
    ]
    if not all(values):
        return None
    ours, theirs = map(fmean, values)
    return job.metric_name, ours - theirs


def _in_figures(found: Verdict, account: Account) -> dict[str, Any]:
    compared = found.comparison
    return {
        "outcome": found.outcome,
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
        "level": found.level,
        "ahead": found.ahead,
        "forecast": found.forecast,
        "winner_dead": account.winner_dead,
        "default_dead": account.default_dead,
        "lost": account.lost,
        "unjudged": account.unjudged,
        "bound_low": account.low,
        "bound_high": account.high,
    }


def _confirmed_run(held_out: list[TuningTrial]) -> TunixRun | None:
    """The winner's held-out run with the median score: it represents the verdict, unlike the luckiest run."""
    completed = {trial.number: trial for trial in held_out if trial.source_id and trial.status == TrialStatus.COMPLETED}
    return completed[middle_run([*map(candidate_of, completed.values())]).number].run if completed else None


def _why_no_winner(job: TuningJob) -> str:
    """Why guards or exclusions leave no winner; empty if they are not the cause."""
    if why := why_no_best(job):
        return why.removesuffix(".").replace("No", "no", 1)
    again = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).completed()
    disqualified = any(map(job_guards_of(job).disqualified, again))
    if again and not again.filter(source__excluded_at__isnull=True).exists():
        return "every finalist that completed is excluded"
    return "every finalist that completed breaks a guard" if disqualified else ""


def _not_confirmed(detail: str) -> dict[str, Any]:
    sentence = f"Not confirmed: {detail or 'no finalist completed its confirmation'}."
    return {"outcome": VerdictOutcome.NOT_CONFIRMED, "sentence": sentence}
