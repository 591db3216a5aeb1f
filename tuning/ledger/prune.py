"""Records the value of a trial at each rung of early stopping, and ends the trials that are stopped there."""

from __future__ import annotations

from tunix.runs.choices import RunStatus

from ..choices import AttemptOutcome, EventKind
from ..domain.early_stopping.decisions import Reached, sentence_of, stop_json
from ..domain.early_stopping.rules import EarlyStopping
from ..domain.early_stopping.stopping_rule import Basis
from ..models import TrialMetric, TuningAttempt, TuningJob, TuningTrial
from .fence import fence
from .record import close_attempt, close_run, close_trial

REASON = "early_stopping"


def note_rung(
    job_id: object, epoch: int, attempt_id: int, reached: Reached, stop: Basis | None = None, worker: str = ""
) -> TuningTrial | None:
    """Store the value of an execution at a rung. With `stop`, its run, attempt and trial become pruned, and an event
    has the numbers.

    The value is committed before Ray acts on the decision, so a rule that is rebuilt after a crash knows it. Returns
    the trial if this call ended it; a second call with the same stop changes nothing. Raises LeaseLost.
    """
    with fence(job_id, epoch) as job:
        attempt = TuningAttempt.objects.select_related("trial").filter(pk=attempt_id).first()
        stopping = job.early_stopping
        if stopping is None or attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
            return None
        # The number of steps at assignment is an estimate; the run counts its rows and knows the exact one.
        if attempt.trial.steps != reached.steps:
            TuningTrial.objects.filter(pk=attempt.trial_id).update(steps=reached.steps)
        TrialMetric.objects.get_or_create(
            attempt=attempt, step=reached.step, name=stopping.metric, defaults={"value": reached.value}
        )
        return None if stop is None else _prune(job, attempt, stopping, reached, stop, worker)


def _prune(
    job: TuningJob, attempt: TuningAttempt, stopping: EarlyStopping, reached: Reached, stop: Basis, worker: str
) -> TuningTrial:
    trial, why = attempt.trial, sentence_of(stopping, reached, stop)
    close_attempt(attempt, AttemptOutcome.PRUNED, REASON, why, worker)
    close_run(attempt.run_id, RunStatus.PRUNED, REASON, why)
    trial.trained_steps, trial.stopped_json = reached.step, stop_json(stopping, reached, stop)
    job.add_event(EventKind.PRUNED, detail=f"trial {trial.number} {why}")
    return close_trial(job, trial, AttemptOutcome.PRUNED, "", "", None)
