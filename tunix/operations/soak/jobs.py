"""The jobs of a soak: there are always some at work, until it ends."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from tuning.choices import LIVE_JOB_STATUSES, JobStatus
from tuning.models import TuningJob
from tuning.services.extend import extend_job
from tuning.services.jobs import create_job
from tuning.services.pause import pause_job, unpause_job
from tuning.services.run import start_job
from tunix.api.exceptions import ServiceError

DEFINITION = {
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "search_space_json": {
        "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2},
        "batch_size": {"type": "choice", "values": [16, 32, 64]},
    },
    "algorithm_json": {"name": "random"},
    "confirmation_json": {"controls": False},
    "project": "soak",
}
LIVE = TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES)
CHANGES = {
    "pause": LIVE.filter(paused_at=None),
    "unpause": LIVE.filter(paused_at__isnull=False),
    "extend": TuningJob.objects.filter(status=JobStatus.COMPLETED),
}
"""What somebody may ask, and of which jobs."""

SHARE_OF_CHANGES = 0.05
"""Of the looks that a soak takes, five a second."""

TRAINING = {"num_samples": 2, "fixed_params_json": {"num_epochs": 1}, "evaluation_json": {"max_items": 8}}


def feed(at_once: int, random: Random) -> None:
    """Start jobs until so many wait or run. Their trials do nothing but take a moment and report a score."""
    live = TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).count()
    for _ in range(at_once - live):
        start({"num_samples": random.randint(3, 8), "max_concurrent_trials": random.randint(1, 2)}, mode="noop")


def change_minds(random: Random) -> None:
    """Now and then somebody pauses a job, lets it go on, or wants more trials of one that has ended."""
    if random.random() > SHARE_OF_CHANGES:
        return
    what, jobs = random.choice(sorted(CHANGES.items()))
    chosen = jobs.order_by("?").first()
    if chosen is not None:
        with suppress(ServiceError):  # it has moved on meanwhile
            {"pause": pause_job, "unpause": unpause_job, "extend": _extend}[what](job=chosen, actor=None)


def let_all_go_on() -> None:
    """No job stays paused: a paused one does not end."""
    for job in TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES, paused_at__isnull=False):
        with suppress(ServiceError):
            unpause_job(job=job, actor=None)


def _extend(job: TuningJob, actor: None) -> TuningJob:
    return extend_job(job=job, data={"num_samples": 1}, actor=actor)


def start_training() -> None:
    """One job whose trials are real."""
    start(TRAINING, mode="local")


def start(fields: dict[str, object], *, mode: str) -> None:
    number = TuningJob.objects.count() + 1
    job = create_job(data=DEFINITION | {"name": f"soak {number}", "seed": number} | fields, owner=None)
    TuningJob.objects.filter(pk=job.pk).update(mode=mode)
    start_job(job=job, actor=None)


def live_jobs() -> list[TuningJob]:
    """Those that have not ended."""
    return list(TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).order_by("created_at"))
