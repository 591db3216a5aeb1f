"""Which run of a job may become a base model, and in which words: promotion itself is of `tunix.runs`."""

from __future__ import annotations

from typing import Any

from tunix.api.exceptions import Conflict
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.promotion import PROMOTION_FIELDS, promote_run, read_promotion
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..analysis.guards import job_guards_of, why_no_best
from ..choices import EventKind, TrialKind, TrialStatus
from ..domain.selection.outcome import VerdictOutcome
from ..domain.selection.verdict import JobVerdict
from ..models import TuningJob, TuningTrial


def promote_winner(*, job: TuningJob, data: Any, actor: Any) -> BaseModel:
    """Promote a job's confirmed winner under `name`.

    With `unconfirmed` the raw best of the search will do, and with `trial` that trial. Raises InvalidInput, NoSpace,
    and Conflict where there is no such run, where it is not confirmed and that was not said to be right, and where it
    was promoted under this name before.
    """
    faults = Faults()
    fields = Fields(data, faults, known=(*PROMOTION_FIELDS, "trial"))
    name, unconfirmed = read_promotion(fields)
    trial_asked_for = _trial_asked_for(job, fields)
    faults.raise_if_any()
    run = winner_of(job, trial_asked_for, unconfirmed=unconfirmed)
    confirmed = not why_unconfirmed(job, run)
    trial = TuningTrial.objects.select_related("source").filter(job=job, run=run).first()

    def tell(model: BaseModel) -> None:
        which = f"trial {trial.number}" if trial else f"run {run.pk}"
        standing = "confirmed" if confirmed else "not confirmed"
        job.add_event(EventKind.PROMOTED, actor=actor, detail=f"{model.base_model_id}: {which}, {standing}")

    origin = {
        "job": {"id": str(job.pk), "name": job.name},
        "trial": _described(trial) if trial else None,
        "confirmed": confirmed,
        "verdict": quoted_verdict(job, run, trial),
    }
    return promote_run(run=run, name=name, actor=actor, origin=origin, also=tell)


def winner_of(job: TuningJob, trial: TuningTrial | None, *, unconfirmed: bool) -> TunixRun:
    """The run to promote: the trial's, else the confirmed one, else the raw best. Raises Conflict."""
    if trial is not None:
        if trial.is_excluded:
            raise Conflict(f"Trial {trial.number} is excluded: include it again before it is promoted.")
        if trial.status != TrialStatus.COMPLETED or trial.run is None:
            raise Conflict(f"Trial {trial.number} is {trial.status}: only a completed one can be promoted.")
        run = trial.run
    elif reason := why_not_promote(job):
        raise Conflict(reason)
    else:
        run = _winning_run(job)
        assert run is not None  # noqa: S101 - why_not_promote looked
    if not unconfirmed and (lacking := why_unconfirmed(job, run)):
        raise Conflict(f'{lacking} Confirm the winner first, or say "unconfirmed": true to promote it all the same.')
    return run


def why_not_promote(job: TuningJob) -> str:
    """Why the job has no winner that can be promoted now, in a sentence; empty when it has."""
    if job.is_live:
        return f"The job is {job.status}: its winner is not known before it ends."
    if _winning_run(job) is None:
        return why_no_best(job) or "The job has no completed trial."
    return ""


def why_unconfirmed(job: TuningJob, run: TunixRun) -> str:
    """What keeps `run` from being the job's confirmed winner, in a sentence; empty where it is the one."""
    verdict = job.verdict or JobVerdict()
    if job.confirmed_run_id is None or verdict.outcome == VerdictOutcome.NOT_CONFIRMED:
        return "The job has no confirmed winner."
    if run.pk != job.confirmed_run_id:
        return "This is not the run that the job confirmed."
    if why := job.why_verdict_stale:
        return f"The verdict on the winner is stale: {why}."
    return ""


def _winning_run(job: TuningJob) -> TunixRun | None:
    """The confirmed run, unless the trial that it proves is excluded; else the raw best of the search."""
    verdict = job.verdict or JobVerdict()
    return (None if verdict.is_winner_excluded else job.confirmed_run) or job.best_run


def promotion_context(job: TuningJob, user: Any) -> dict[str, Any]:
    """What the form on the job's page needs: whether it can be used, and why `unconfirmed` has to be said."""
    reason = why_not_promote(job)
    if not user.has_perm("runs.add_basemodel"):
        reason = "You have no permission to promote models."
    run = _winning_run(job)
    subject = "confirmed run" if run and run.pk == job.confirmed_run_id else "best run of the search"
    return {
        "why_no_promotion": reason,
        "needs_unconfirmed": why_unconfirmed(job, run) if run else "",
        "promotion_subject": f"the {subject}, {run},",
        "promoted_models": BaseModel.objects.filter(run=run).defer("lineage_json") if run else [],
    }


def trial_promotion_context(trial: TuningTrial, user: Any) -> dict[str, Any]:
    """The same for the form on a trial's page, which promotes what this trial learned."""
    reason = ""
    if trial.is_excluded:
        reason = "The trial is excluded: include it again before it is promoted."
    elif trial.status != TrialStatus.COMPLETED or trial.run is None:
        reason = f"Only a completed trial can be promoted; this one is {trial.status}."
    elif trial.kind == TrialKind.UNTUNED:
        reason = "This trial judged the base model as it is: there is nothing new in it to promote."
    if not user.has_perm("runs.add_basemodel"):
        reason = "You have no permission to promote models."
    return {
        "why_no_promotion": reason,
        "needs_unconfirmed": why_unconfirmed(trial.job, trial.run) if trial.run else "",
        "promotion_subject": f"trial {trial.number}",
        "promoted_models": BaseModel.objects.filter(run=trial.run).defer("lineage_json") if trial.run else [],
    }


def quoted_verdict(job: TuningJob, run: TunixRun, trial: TuningTrial | None) -> str:
    """What is known of the run, in sentences, for the model card: the job's verdict, if it is about this run."""
    lacking = why_unconfirmed(job, run)
    if run.pk == job.confirmed_run_id and job.verdict:
        return "\n".join(filter(None, [job.verdict.sentence, lacking]))
    which = f"trial {trial.number}" if trial else "this run"
    value = f" {trial.metric_value:.4g}" if trial and trial.metric_value is not None else ""
    searched = job.trials.search().count()
    disqualified = job_guards_of(job).disqualified(trial) if trial else ""
    return (
        f"Not confirmed: {which} has the {job.metric_name}{value} on {run.spec.evaluation.split}, in a search of "
        f"{searched} trials. The best of many noisy scores is too good on average."
        + (f" It could not win: {disqualified}" if disqualified else "")
    )


def _described(trial: TuningTrial) -> dict[str, Any]:
    source = trial.source.number if trial.source else None
    return {"number": trial.number, "kind": trial.kind, "parameters_of": source}


def _trial_asked_for(job: TuningJob, fields: Fields) -> TuningTrial | None:
    number = fields.optional_whole("trial", low=0, high=2**31 - 1)
    if number is None or fields.is_faulty("trial"):
        return None
    trial = job.trials.select_related("run__dataset").filter(number=number).first()
    if trial is None:
        fields.refuse("trial", f"The job has no trial {number}.")
    return trial
