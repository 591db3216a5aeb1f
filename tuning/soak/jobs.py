"""The jobs of a soak: there are always some at work, until it ends."""

from __future__ import annotations

from random import Random

from tuning.choices import LIVE_JOB_STATUSES
from tuning.models import TuningJob
from tuning.services import create_job, start_job

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
TRAINING = {"num_samples": 2, "fixed_params_json": {"num_epochs": 1}, "evaluation_json": {"max_items": 8}}


def feed(at_once: int, random: Random) -> None:
    """Start jobs until so many wait or run. Their trials do nothing but take a moment and report a score."""
    live = TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).count()
    for _ in range(at_once - live):
        start({"num_samples": random.randint(3, 8), "max_concurrent_trials": random.randint(1, 2)}, mode="noop")


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
