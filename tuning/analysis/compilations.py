"""How often the trials of a job compiled their training step."""

from __future__ import annotations

from django.db.models import Count, FloatField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from tunix.pipeline.reuse import REUSED_RUN
from tunix.runs.models import TunixRun

from ..models import TuningJob

METRIC = "train_compilations"


def compilations_sentence(job: TuningJob) -> str:
    """How often the training step was compiled, in how many trials; empty if no trial has trained."""
    trained = {f"environment_json__{REUSED_RUN}__isnull": True}
    runs = TunixRun.objects.filter(trial__job=job, **trained)
    found = runs.annotate(count=Cast(KT(f"metrics_json__{METRIC}"), FloatField())).aggregate(
        trials=Count("count"), compilations=Sum("count")
    )
    if not found["trials"]:
        return ""
    count = int(found["compilations"])
    times = "once" if count == 1 else f"{count:,} times"
    return f"{times} in {found['trials']:,} trial{'' if found['trials'] == 1 else 's'}"
