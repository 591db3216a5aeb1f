"""A job whose proof needs all its stages, as the runner carries it out, for tests of the ledger."""

from __future__ import annotations

from typing import Any

from tuning.choices import JobStatus, TrialKind
from tuning.ledger.assignment import Assignment, Finished
from tuning.ledger.finish import finish_job
from tuning.ledger.record import record_outcome
from tuning.models import TuningJob
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.spec import JudgeResult

from .ledger_steps import result_of, running_job, take

JUDGE = "answer_correctness"
ITEMS = 200
DEFAULT, GAIN = 0.58, 0.08
SHIFTS = (0.06, -0.06, 0.0, 0.05, -0.05, 0.0, 0.01, -0.01)
"""How lucky the seeds of the winner are: after 3 and 5 of them the gain is promising, after 8 it is shown."""
STAGED = {"controls": False, "automatic": True, "top": 1, "seeds": 3, "max_seeds": 8}


def proving_job(**overrides: Any) -> TuningJob:
    """A running job with one search trial that is to be confirmed in stages."""
    return running_job(**{"num_samples": 1, "confirmation_json": STAGED, "confirmation_round": 1} | overrides)


def share_of(job: TuningJob, assignment: Assignment, gain: float = GAIN) -> float:
    """How many of its rows a trial has right: held-out trials of the winner gain, as lucky as their seed is."""
    trial = job.trials.get(number=assignment.number)
    if trial.kind != TrialKind.HELD_OUT or not trial.source_id:
        return DEFAULT
    return DEFAULT + gain + SHIFTS[trial.replicate % len(SHIFTS)]


def record_share(job: TuningJob, assignment: Assignment, share: float, epoch: int = 1) -> None:
    """Record a trial that has so many of its rows right: the first ones."""
    scores = [float(item < share * ITEMS) for item in range(ITEMS)]
    split = assignment.spec["evaluation"]["split"]
    verdict = JudgeResult(
        judge=JUDGE, judge_version=JUDGES[JUDGE].version, split=split, items=ITEMS, score_mean=share, item_scores=scores
    )
    record_outcome(job.pk, epoch, assignment.attempt_id, result_of(assignment, score=share, verdict=verdict), "f" * 64)


def run_proof(job: TuningJob, epoch: int = 1, gain: float = GAIN) -> TuningJob:
    """Every trial to its end, then the job."""
    while not isinstance(assignment := take(job, epoch), Finished):
        record_share(job, assignment, share_of(job, assignment, gain), epoch)
    return finish_job(job.pk, epoch, JobStatus.COMPLETED, last_request=assignment.last_request)
