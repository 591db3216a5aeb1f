"""The jobs of a soak: a number of them is live at any time."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
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
"""Random requests of users, and the jobs that they apply to."""

SHARE_OF_CHANGES = 0.05
"""The probability of a request in each tick, of which there are five per second."""

TRAINING = {"num_samples": 2, "fixed_params_json": {"num_epochs": 1}, "evaluation_json": {"max_items": 8}}


def feed(at_once: int, random: Random) -> None:
    """Start jobs until `at_once` are live. Their trials only wait a moment and report a score."""
    live = TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).count()
    for _ in range(at_once - live):
        start({"num_samples": random.randint(2, 5), "max_concurrent_trials": random.randint(1, 2)}, mode="noop")


def change_jobs(random: Random) -> None:
    """Now and then, pause or unpause a job, or extend one that has ended."""
    if random.random() > SHARE_OF_CHANGES:
        return
    what, jobs = random.choice(sorted(CHANGES.items()))
    chosen = jobs.order_by("?").first()
    extend = partial(extend_job, data={"num_samples": 1})
    if chosen is not None:
        with suppress(ServiceError):  # its state has changed in the meantime
            {"pause": pause_job, "unpause": unpause_job, "extend": extend}[what](job=chosen, actor=None)


def unpause_all() -> None:
    """Unpause every job: a paused one never ends."""
    for job in TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES, paused_at__isnull=False):
        with suppress(ServiceError):
            unpause_job(job=job, actor=None)


def start_training() -> None:
    """Start one job that trains real models."""
    start(TRAINING, mode="local")


def start(fields: dict[str, object], *, mode: str) -> None:
    number = TuningJob.objects.count() + 1
    job = create_job(data=DEFINITION | {"name": f"soak {number}", "seed": number} | fields, owner=None)
    TuningJob.objects.filter(pk=job.pk).update(mode=mode)
    start_job(job=job, actor=None)


def live_jobs() -> list[TuningJob]:
    """The jobs that have not ended."""
    return list(TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).order_by("created_at"))
