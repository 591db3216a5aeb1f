"""/healthz and /readyz: who is answered what, and when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from tuning.execution.ray_walls import token_path
from tunix.work.models import ReconcilerTurn, WorkerHeartbeat
from tunix.work.reconciler_heartbeat import record_heartbeat
from tunix.work.worker_heartbeat import record_worker

PRODUCTION_HOST = "tuning.example.org"


@pytest.fixture
def well(db: None, settings: Any) -> None:
    """An installation of which every part is well."""
    settings.MIN_FREE_BYTES = 1
    record_heartbeat()
    record_worker("worker@host", 2)


def checks_of(client: Client) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in client.get("/readyz").json()["checks"]}


def test_a_living_process_says_so(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_probe_changes_nothing(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_ready_when_all_is_well(well: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    parts = {"database", "broker", "space", "artifacts", "temporary_folder", "ray_token", "reconciler", "workers"}
    assert set(checks_of(client)) == parts


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_local_probe_needs_neither_host_name_nor_tls(well: None, settings: Any, address: str) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [PRODUCTION_HOST], True
    assert Client(headers={"host": "10.1.2.3:8000"}).get(address).status_code == 200
    assert Client(headers={"host": PRODUCTION_HOST}).get("/login/").status_code == 301


def test_not_ready_without_a_database(well: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection to ada:secret@db.internal failed")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"does not answer (OperationalError)" in answer.content
    assert b"secret" not in answer.content
    assert b"db.internal" not in answer.content


def test_not_ready_without_a_broker(well: None, client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://:a-password@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, checks_of(client)["broker"]["ok"]) == (503, False)
    assert b"a-password" not in answer.content


def test_not_ready_where_messages_cannot_be_written(well: None, client: Client, settings: Any) -> None:
    settings.REDIS_URL, settings.BROKER_DIR = "", settings.ARTIFACTS_DIR / "nowhere"
    assert checks_of(client)["broker"]["ok"] is False


def test_not_ready_below_the_floor_of_space(well: None, client: Client, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6
    assert "MIN_FREE_BYTES" in checks_of(client)["space"]["detail"]
    assert client.get("/readyz").status_code == 503


def test_not_ready_where_no_reconciler_ever_ran(well: None, client: Client) -> None:
    ReconcilerTurn.objects.all().delete()
    assert checks_of(client)["reconciler"]["detail"] == "has never run"


def test_not_ready_when_the_reconciler_is_gone(well: None, client: Client) -> None:
    ReconcilerTurn.objects.update(at=timezone.now() - timedelta(minutes=10))
    assert re.search(r"\b6\d\d s ago", checks_of(client)["reconciler"]["detail"])
    assert client.get("/readyz").status_code == 503


def test_not_ready_without_a_worker(well: None, client: Client) -> None:
    WorkerHeartbeat.objects.update(at=timezone.now() - timedelta(minutes=10))
    assert checks_of(client)["workers"]["detail"] == "none is alive"
    assert client.get("/readyz").status_code == 503


def test_not_ready_when_a_worker_has_a_problem_that_the_web_process_lacks(well: None, client: Client) -> None:
    WorkerHeartbeat.objects.update(problems="tuning.W001")
    assert "tuning.W001" in checks_of(client)["workers"]["detail"]
    assert client.get("/readyz").status_code == 503


def test_not_ready_where_the_artifacts_cannot_be_written(well: None, client: Client, settings: Any) -> None:
    settings.ARTIFACTS_DIR = settings.ARTIFACTS_DIR / "a_file"
    settings.ARTIFACTS_DIR.touch()
    found = checks_of(client)["artifacts"]
    assert (found["ok"], str(settings.ARTIFACTS_DIR) in found["detail"]) == (False, False)


def test_not_ready_where_the_sockets_of_ray_do_not_fit(
    well: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/var/folders/with/a/long/name/as/some/systems/have/it")
    found = checks_of(client)["temporary_folder"]
    assert (found["ok"], "TMPDIR" in found["detail"]) == (False, True)


def test_not_ready_when_the_database_is_full(well: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunix.operations.health.why_database_full", lambda: "12 MiB are free on its disk")
    assert checks_of(client)["database"]["detail"] == "is full: 12 MiB are free on its disk"


def test_not_ready_where_others_can_read_the_token_of_ray(well: None, client: Client, settings: Any) -> None:
    token = token_path(settings.ARTIFACTS_DIR)
    token.write_text("a token")
    token.chmod(0o644)
    assert checks_of(client)["ray_token"]["ok"] is False
