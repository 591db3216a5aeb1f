"""What kinds of work name by string is there."""

from __future__ import annotations

import pytest
from celery import current_app
from django.utils.module_loading import import_string

from tunix.work.models import LeasedWork, kinds_of_work


@pytest.mark.parametrize("kind", [kind for kind in kinds_of_work() if kind.__module__.startswith("tunix.")])
def test_task_and_runner_exist(kind: type[LeasedWork]) -> None:
    current_app.loader.import_default_modules()
    assert kind.TASK in current_app.tasks
    assert callable(import_string(kind.RUNNER))


@pytest.mark.parametrize("name", ["training_run", "evaluation"])
def test_task_supervises_its_kind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    supervised: list[tuple[str, str]] = []
    for module in ("tunix.runs.tasks", "tunix.evaluation.tasks"):
        monkeypatch.setattr(f"{module}.supervise", lambda model, pk: supervised.append((model.KIND, pk)))
    task = next(kind.TASK for kind in kinds_of_work() if name == kind.KIND)
    current_app.tasks[task]("an-id")
    assert supervised == [(name, "an-id")]
