"""A piece of work to hold leases on. The kind is looked up by name: this room knows none by itself."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils import timezone

from tunix.work.models import LeasedWork, kind_of_work


def make_work(status: str = "pending", **overrides: Any) -> LeasedWork:
    """A single training run; one that is running has epoch 1."""
    columns = {"version": "0" * 64, "train_rows": 1, "validation_rows": 1, "test_rows": 1}
    dataset = apps.get_model("datasets", "Dataset").objects.get_or_create(key="sums", defaults=columns)[0]
    fields: dict[str, Any] = {
        "status": status,
        "dataset": dataset,
        "config_json": {},
        "queued_at": timezone.now(),
        "epoch": 0 if status == "pending" else 1,
    }
    return kind_of_work("training_run")._default_manager.create(**fields | overrides)
