"""Promote a winner or a trial: which run becomes a base model. The promotion itself is in `tunix.runs`."""

from __future__ import annotations

from typing import Any

from tunix.api.exceptions import Conflict
from tunix.runs.base_models.promotion import PROMOTION_FIELDS, promote_run, read_promotion
from tunix.runs.models import BaseModel, TunixRun
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..analysis.guards import job_guards_of
from ..choices import EventKind
from ..domain.selection.outcome import PROVEN, VerdictOutcome
from ..domain.selection.verdict import JobVerdict
from ..models import TuningJob, TuningTrial
from .reasons import winning_run
from .transitions import refuse


def promote_winner(*, job: TuningJob, data: Any, actor: Any) -> BaseModel:
    """Promote a job's confirmed winner under `name`.

    With `unconfirmed` the raw best of the search is accepted, with `trial` the run of that trial. Raises InvalidInput,
    NoSpace, and Conflict if there is no such run, if it is not confirmed and `unconfirmed` is not set, and if it was
    promoted under this name before.
    """
    faults = Faults()
    fields = Fields(data, faults, known=(*PROMOTION_FIELDS, "trial"))
    name, unconfirmed = read_promotion(fields)
    chosen = _trial_of(job, fields)
    faults.raise_if_any()
    run = winner_of(job, chosen, unconfirmed=unconfirmed)
    confirmed = not reason_not_confirmed(job, run)
    trial = TuningTrial.objects.select_related("source").filter(job=job, run=run).first()

    def note(model: BaseModel) -> None:
        which = f"trial {trial.number}" if trial else f"run {run.pk}"
        state = "confirmed" if confirmed else "not confirmed"
        job.add_event(EventKind.PROMOTED, actor=actor, detail=f"{model.base_model_id}: {which}, {state}")

    origin = {
        "job": {"id": str(job.pk), "name": job.name},
        "trial": trial
        and {
            "number": trial.number,
            "kind": trial.kind,
            "parameters_of": trial.source.number if trial.source else None,
        },
        "confirmed": confirmed,
        "verdict": quoted_verdict(job, run, trial),
    }
    return promote_run(run=run, name=name, actor=actor, origin=origin, also=note)


def promote_trial(*, trial: TuningTrial, data: Any, actor: Any) -> BaseModel:
    """Promote what a trial learned, whichever won. Raises as `promote_winner` does."""
    return promote_winner(job=trial.job, data=dict(data) | {"trial": trial.number}, actor=actor)


def winner_of(job: TuningJob, trial: TuningTrial | None, *, unconfirmed: bool) -> TunixRun:
    """The run to promote: the trial's, or the confirmed one, or the raw best. Raises Conflict."""
    refuse(job if trial is None else trial, "promote")
    run = winning_run(job) if trial is None else trial.run
    assert run is not None  # noqa: S101 - refused else
    if not unconfirmed and (lacking := reason_not_confirmed(job, run)):
        raise Conflict(f'{lacking} Confirm the winner first, or say "unconfirmed": true to promote it anyway.')
    return run


def reason_not_confirmed(job: TuningJob, run: TunixRun) -> str | None:
    """Why `run` is not the job's confirmed winner, in a sentence; None if it is."""
    verdict = job.verdict or JobVerdict()
    if job.confirmed_run_id is None or verdict.outcome == VerdictOutcome.NOT_CONFIRMED:
        return "The job has no confirmed winner."
    if run.pk != job.confirmed_run_id:
        return "This is not the run that the job confirmed."
    if verdict.outcome not in PROVEN:
        return f"The verdict on the winner is: {verdict.outcome.label}."
    return f"The verdict on the winner is stale: {why}." if (why := job.why_verdict_stale) else None


def promotion_context(job: TuningJob) -> dict[str, Any]:
    """What the form on the job's page says: which run it promotes, and why `unconfirmed` has to be set."""
    run = winning_run(job)
    subject = "confirmed run" if run and run.pk == job.confirmed_run_id else "best run of the search"
    return {
        "needs_unconfirmed": reason_not_confirmed(job, run) if run else None,
        "promotion_subject": f"the {subject}, {run},",
        "promoted_models": BaseModel.objects.filter(run=run).defer("lineage_json") if run else [],
    }


def trial_promotion_context(trial: TuningTrial) -> dict[str, Any]:
    """The same for the form on a trial's page, which promotes the run of this trial."""
    return {
        "needs_unconfirmed": reason_not_confirmed(trial.job, trial.run) if trial.run else None,
        "promotion_subject": f"trial {trial.number}",
        "promoted_models": BaseModel.objects.filter(run=trial.run).defer("lineage_json") if trial.run else [],
    }


def quoted_verdict(job: TuningJob, run: TunixRun, trial: TuningTrial | None) -> str:
    """What is known about the run, in sentences for the model card: the job's verdict, if it is about this run."""
    lacking = reason_not_confirmed(job, run)
    if run.pk == job.confirmed_run_id and job.verdict:
        return "\n".join(filter(None, [job.verdict.sentence, lacking]))
    which = f"trial {trial.number}" if trial else "this run"
    value = f" {trial.metric_value:.4g}" if trial and trial.metric_value is not None else ""
    if trial and trial.is_raced_out:
        value += " (an estimate: not all rows were judged)"
    searched = job.trials.search().count()
    disqualified = job_guards_of(job).disqualified(trial) if trial else ""
    return (
        f"Not confirmed: {which} has the {job.metric_name}{value} on {run.spec.evaluation.split}, in a search of "
        f"{searched} trials. The best of many noisy scores is too good on average."
        + (f" It could not win: {disqualified}" if disqualified else "")
    )


def _trial_of(job: TuningJob, fields: Fields) -> TuningTrial | None:
    number = fields.optional_whole("trial", low=0, high=2**31 - 1)
    if number is None or fields.is_faulty("trial"):
        return None
    trial = job.trials.select_related("run__dataset").filter(number=number).first()
    if trial is None:
        fields.refuse("trial", f"The job has no trial {number}.")
    return trial
