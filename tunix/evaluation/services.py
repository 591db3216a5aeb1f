"""What changes evaluations: judging a run again, and stopping that."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.validation import read_usable_evaluation
from tunix.validation.errors import Faults
from tunix.work.disk import refuse_without_space
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.lease import ask_to_stop
from tunix.work.quota import refuse_over_quota

from .access_to_test_set import TEST, note_access_to_test_set
from .choices import EvaluationStatus
from .models import Evaluation


def evaluate_run(*, run: TunixRun, data: Any, actor: Any, dispatched: bool = True) -> Evaluation:
    """A pending evaluation of a completed run; its wake-up is sent on commit unless `dispatched` is false.

    `data` holds judge, split, max_items and max_new_tokens; what is left out is as the run was judged.
    Raises InvalidInput, NoSpace, and Conflict for a run that has not completed.
    """
    asked = run.spec.evaluation.model_dump() | data if isinstance(data, dict) else data
    faults = Faults()
    spec = read_usable_evaluation(asked, run.dataset, faults, path="")
    faults.raise_if_any()
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be judged; this one is {run.get_status_display()}.")
    refuse_without_space()
    with transaction.atomic():
        refuse_over_quota(Evaluation, getattr(actor, "pk", None), limit=settings.MAX_ACTIVE_RUNS, noun="evaluations")
        evaluation = Evaluation.objects.create(
            run=run,
            own_lease=True,
            owner=actor,
            project=run.project,
            queued_at=timezone.now(),
            **spec.model_dump(),
        )
        record_act(Act.CREATED, evaluation, kind=AuditKind.EVALUATION, actor=actor)
        if spec.split == TEST:
            note_access_to_test_set(dataset=run.dataset, subject=f"run {run}, judged again", actor=actor)
        if dispatched:
            dispatch_on_commit(evaluation)
    evaluation.refresh_from_db()
    return evaluation


def cancel_evaluation(*, evaluation: Evaluation, actor: Any) -> Evaluation:
    """Pending: canceled now. Running: asked to stop. Canceled: stays so. Raises Conflict for what has ended.

    The audit trail tells who asked first.
    """
    with transaction.atomic():
        asked = evaluation.cancel_requested_at
        ask_to_stop(evaluation)
        if evaluation.cancel_requested_at != asked:
            record_act(Act.CANCELED, evaluation, kind=AuditKind.EVALUATION, actor=actor)
    if evaluation.is_terminal and evaluation.status != EvaluationStatus.CANCELED:
        raise Conflict(f"The evaluation is {evaluation.get_status_display()}; there is nothing to cancel.")
    return evaluation
