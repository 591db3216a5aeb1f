"""The order of rows in which a job's trials are judged: the same for all that are compared."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.data.row_order import FILE_ORDER, HASH_ORDER
from tunix.pipeline.spec import RowOrder
from tunix.runs.models import TunixRun

from ..choices import TrialKind
from ..models import TuningJob, TuningTrial


def row_order_of(trial: TuningTrial, job: TuningJob) -> RowOrder:
    """The order for the next run of a trial: a sample, or the order of the earlier runs that it is compared with.

    A job from before there was a sample stays with the first rows. The runs of a confirmation on the test split are
    compared with each other alone.
    """
    if trial.kind != TrialKind.HELD_OUT:
        return order_of_search(job)
    return _order_of(job, attempt__trial__kind=TrialKind.HELD_OUT, attempt__trial__round=trial.round)


def order_of_search(job: TuningJob) -> RowOrder:
    """The order in which trials are judged that are compared on the rows of the search."""
    return _order_of(job, attempt__trial__kind__in=[kind for kind in TrialKind if kind != TrialKind.HELD_OUT])


def _order_of(job: TuningJob, **runs: Any) -> RowOrder:
    """That of the first of these runs of a job; of none, a sample."""
    found = TunixRun.objects.filter(attempt__trial__job=job, **runs).order_by("created_at", "id")
    earlier = list(found.values_list("config_json__row_order", flat=True)[:1])
    return (earlier[0] or FILE_ORDER) if earlier else HASH_ORDER
