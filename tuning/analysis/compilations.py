"""How often the trials of a job compiled their training step."""

from __future__ import annotations

from django.db.models import Count, FloatField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from tunix.runs.models import TunixRun, trained

from ..models import TuningJob

METRIC = "train_compilations"


def compilations_sentence(job: TuningJob) -> str:
    """How often the training step was compiled, in how many trials; empty if no trial has trained."""
    runs = TunixRun.objects.filter(trained(), trial__job=job)
    found = runs.annotate(count=Cast(KT(f"metrics_json__{METRIC}"), FloatField())).aggregate(
        trials=Count("count"), compilations=Sum("count")
    )
    if not found["trials"]:
        return ""
    count = int(found["compilations"])
    times = "once" if count == 1 else f"{count:,} times"
    return f"{times} in {found['trials']:,} trial{'' if found['trials'] == 1 else 's'}"
