"""What is reported to a sampler about trials, read from their rows."""

from __future__ import annotations

from collections.abc import Sequence

from tunix.pipeline.spec import INFRASTRUCTURE

from ..choices import TrialStatus
from ..domain.early_stopping.decisions import seen_by_the_sampler
from ..domain.sampling.observation import Observation, Outcome, together
from ..models import TuningTrial

OUTCOMES: dict[TrialStatus, Outcome] = {
    TrialStatus.COMPLETED: "completed",
    TrialStatus.PRUNED: "pruned",
    TrialStatus.FAILED: "infeasible",
    TrialStatus.CANCELED: "failed",
}


def observation_of(trials: Sequence[TuningTrial]) -> Observation:
    """What is reported to the sampler about a proposal, given its replicates, the first one first.

    They make one observation, which runs until the last replicate has ended.
    """
    alone = [_alone(trial) for trial in trials]
    return together(alone, lacking=trials[0].job.replicates - len(alone))


def _alone(trial: TuningTrial) -> Observation:
    """A failure is an infeasible region, unless it is an infrastructure failure.

    The outcome of a trial that is excluded, or lacks a value of a further objective, is not reported to the sampler.
    Its parameters are, so they are not proposed again.
    """
    outcome: Outcome = OUTCOMES.get(TrialStatus(trial.status), "running")
    if trial.is_excluded or (outcome == "infeasible" and trial.reason in INFRASTRUCTURE):
        outcome = "failed"
    further = trial.job.further_objectives
    known = [trial.values_json.get(objective.metric) for objective in further]
    values = tuple(value for value in known if value is not None) if outcome == "completed" else ()
    if outcome == "completed" and len(values) < len(further):
        outcome, values = "failed", ()
    assert trial.slot is not None  # noqa: S101  (the caller asks for search trials)
    value, step = trial.metric_value, 0
    if outcome == "pruned" and trial.stopped_json:
        value, step = seen_by_the_sampler(trial.stopped_json, trial.job.metric_mode)
    return Observation(
        number=trial.slot,
        params=trial.proposed_params,
        outcome=outcome,
        value=value,
        step=step,
        state=trial.sampler_state,
        values=values,
    )
