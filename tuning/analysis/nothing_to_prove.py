"""Whether the runs on validation already show that the default is the better choice: then no test row is touched."""

from __future__ import annotations

from ..choices import TrialKind
from ..domain.selection.nothing_to_prove import why_default_is_ahead, why_leader_is_far_behind
from ..domain.selection.proof_sentences import DEFAULT_IS_BEST
from ..models import TuningJob, TuningTrial
from ..querysets import TuningTrialQuerySet
from .confirmation import has_finalists, is_default, winner_of
from .scores import is_judged


def why_nothing_to_prove(job: TuningJob) -> str | None:
    """Why its confirmation ends before the test rows are touched, in a sentence; None if there is something to prove.

    Before the finalists are trained again, only a leader that is far behind the default ends it.
    """
    defaults = _values(job.trials.defaults())
    about = {"metric": job.metric_name, "mode": job.metric_mode}
    if has_finalists(job):
        winner = winner_of(job)
        if winner is None or is_default(job, winner):
            return DEFAULT_IS_BEST if winner else None
        return why_default_is_ahead(_values(_again(job, winner)), defaults, **about)
    if job.best_value is None:
        return None
    asked = job.evaluation
    rows = max(1, min(asked.max_items, job.dataset.rows_of(asked.split)))
    items, margin = (rows, job.confirmation.margin) if is_judged(job) else (None, 0.0)
    return why_leader_is_far_behind(job.best_value, defaults, items=items, margin=margin, **about)


def _again(job: TuningJob, winner: TuningTrial) -> TuningTrialQuerySet:
    return job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).filter(source=winner)


def _values(trials: TuningTrialQuerySet) -> list[float]:
    values = trials.completed().values_list("metric_value", flat=True)
    return [value for value in values if value is not None]
