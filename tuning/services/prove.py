"""More seeds for a proof that has not decided."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tunix.evaluation.access_to_test_set import note_access_to_test_set
from tunix.work.disk import refuse_without_space

from ..analysis.proof import held_out_of, next_seeds, plan_of_proof, seeds_made
from ..choices import EventKind
from ..models import TuningJob
from .judging import refuse_unfit_judge
from .transitions import lock_for, queue


def prove_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """completed -> queued: winner and default are trained with more seeds, and a new verdict is written.

    The next stage of the plan is part of the same look at the test split. Seeds beyond the plan count as a further one,
    at a lower level. Raises Conflict, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        lock_for(job, "prove")
        refuse_unfit_judge(job, "prove", confirms=True)
        seeds, round_ = next_seeds(job), job.confirmation_round
        if seeds_made(held_out_of(job)) >= plan_of_proof(job).stages[-1]:
            subject = f"job {job.name}, confirmation {round_}, {seeds} seeds"
            note_access_to_test_set(dataset=job.dataset, subject=subject, actor=job.owner)
        queue(
            job,
            "prove",
            event=EventKind.SEEDS_ADDED,
            detail=f"up to {seeds} seeds a side",
            actor=actor,
            foreground=foreground,
            added_seeds_json=[*job.added_seeds_json, [round_, seeds]],
        )
    return job
