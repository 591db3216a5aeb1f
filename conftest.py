"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def artifacts_dir(tmp_path: Path, settings: Any) -> Path:
    """An artifacts folder of the test's own."""
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    settings.ARTIFACTS_DIR.mkdir()
    return settings.ARTIFACTS_DIR


@pytest.fixture(autouse=True)
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """The wake-ups that would have gone to the broker: (task name, arguments)."""
    sent: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task",
        lambda self, name, args=(), **options: sent.append((name, list(args))),
    )
    return sent


@pytest.fixture
def user(db: None) -> Any:
    """Somebody who may do everything."""
    return get_user_model().objects.create_superuser("ada", password="a-long-password")


@pytest.fixture
def viewer(db: None) -> Any:
    """Somebody who may sign in and nothing else."""
    return get_user_model().objects.create_user("bob", password="a-long-password")


@pytest.fixture
def api(user: Any) -> APIClient:
    """The API as `user` sees it."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def web(user: Any, client: Client) -> Client:
    """The pages as `user` sees them."""
    client.force_login(user)
    return client
