"""A job whose trials may be stopped early, and the steps of one at its rungs."""

from __future__ import annotations

from typing import Any

from tuning.domain.early_stopping.decisions import Reached
from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.early_stopping.stopping_rule import Basis
from tuning.ledger.assignment import Assignment
from tuning.ledger.prune import note_rung
from tuning.models import TuningJob, TuningTrial

from .ledger_steps import running_job


def stopping_json(**options: Any) -> dict[str, Any]:
    """A rule as a job has it, resolved: asha with rungs at a ninth and a third, unless overridden."""
    stopping = EarlyStopping.read(options or {"name": "asha", "reduction_factor": 3})
    assert stopping is not None
    return stopping.to_json()


def stopping_job(**overrides: Any) -> TuningJob:
    """A job under epoch 1 with asha; its trainings have 90 steps, so that the rungs lie at 10 and 30."""
    columns = {"early_stopping_json": stopping_json(), "fixed_params_json": {"num_steps": 90}}
    return running_job(**columns | overrides)


def reach(
    job: TuningJob,
    assignment: Assignment,
    value: float = 2.31,
    *,
    rung: int = 1,
    stop: Basis | None = None,
    epoch: int = 1,
) -> TuningTrial | None:
    """An execution reaches a rung."""
    at, step = {1: (1 / 9, 10), 2: (1 / 3, 30)}[rung]
    reached = Reached(rung=rung, at=at, step=step, steps=90, value=value)
    return note_rung(job.pk, epoch, assignment.attempt_id, reached, stop, "host/1")


def prune(job: TuningJob, assignment: Assignment, value: float = 2.31) -> TuningTrial | None:
    """An execution is stopped at the first rung, compared with the best third of nine others."""
    return reach(job, assignment, value, stop=Basis(1.9, 9))
