"""Live work, read from the database when it is needed: its files must not be touched."""

from __future__ import annotations

from django.db.models import Q

from tuning.choices import LIVE_JOB_STATUSES
from tuning.models import TuningJob
from tunix.evaluation.choices import TERMINAL_EVALUATION_STATUSES
from tunix.evaluation.models import Evaluation
from tunix.runs.choices import TERMINAL_GENERATION_STATUSES, TERMINAL_RUN_STATUSES
from tunix.runs.models import Generation, TunixRun


def live_runs() -> set[str]:
    """Runs that are pending or running, judged again or asked, or that belong to a live job."""
    of_jobs = Q(attempt__trial__job__status__in=LIVE_JOB_STATUSES)
    runs = TunixRun.objects.filter(of_jobs | ~Q(status__in=TERMINAL_RUN_STATUSES)).values_list("pk", flat=True)
    judged = Evaluation.objects.exclude(status__in=TERMINAL_EVALUATION_STATUSES).values_list("run_id", flat=True)
    asked = Generation.objects.exclude(status__in=TERMINAL_GENERATION_STATUSES).values_list("run_id", "against_id")
    return {str(pk) for pk in (*runs, *judged, *(pk for pair in asked for pk in pair if pk))}


def live_jobs() -> set[str]:
    return {str(pk) for pk in TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).values_list("pk", flat=True)}


def anything_is_live() -> bool:
    return bool(live_jobs() or live_runs())
