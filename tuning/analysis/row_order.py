"""The order of rows in which a job's trials are judged: the same for all that are compared."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.data.row_order import FILE_ORDER, HASH_ORDER
from tunix.pipeline.spec import RowOrder

from ..choices import TrialKind
from ..models import TuningAttempt, TuningJob, TuningTrial


def row_order_of(trial: TuningTrial, job: TuningJob) -> RowOrder:
    """The order for the next run of a trial: a sample, or the order of the earlier runs that it is compared with.

    A job from before there was a sample stays with the first rows. The runs of a confirmation on the test split are
    compared with each other alone.
    """
    if trial.kind != TrialKind.HELD_OUT:
        return order_of_search(job)
    return _order_of(job, trial__kind=TrialKind.HELD_OUT, trial__round=trial.round)


def order_of_search(job: TuningJob) -> RowOrder:
    """The order in which trials are judged that are compared on the rows of the search."""
    return _order_of(job, trial__kind__in=[kind for kind in TrialKind if kind != TrialKind.HELD_OUT])


def _order_of(job: TuningJob, **trials: Any) -> RowOrder:
    """That of the first attempt at these trials of a job; of none, a sample.

    Asked for each attempt that is assigned: by number, the database reads the first trials and does not sort them all.
    """
    attempts = TuningAttempt.objects.filter(trial__job=job, **trials)
    found = attempts.order_by("trial__number", "number")
    earlier = list(found.values_list("run__config_json__row_order", flat=True)[:1])
    return (earlier[0] or FILE_ORDER) if earlier else HASH_ORDER
