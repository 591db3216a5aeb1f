"""The order of rows in which a job's trials are judged: the same for all that are compared."""

from __future__ import annotations

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
    runs = TunixRun.objects.filter(attempt__trial__job=job)
    if trial.kind == TrialKind.HELD_OUT:
        runs = runs.filter(attempt__trial__kind=TrialKind.HELD_OUT, attempt__trial__round=trial.round)
    else:
        runs = runs.exclude(attempt__trial__kind=TrialKind.HELD_OUT)
    earlier = list(runs.order_by("created_at", "id").values_list("config_json__row_order", flat=True)[:1])
    return (earlier[0] or FILE_ORDER) if earlier else HASH_ORDER
