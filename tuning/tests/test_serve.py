"""What `make serve` starts: web server, worker and reconciler do a job that was created over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tunix.work.tests.installation import Installation, wait_until

from ..management.tests.test_tune_command import SHORT

pytestmark = pytest.mark.slow


class Service:
    """A running service: its address and a token."""

    def __init__(self, installation: Installation, port: int, token: str) -> None:
        self.installation, self.url, self.token = installation, f"http://127.0.0.1:{port}", token

    def call(self, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())

    def is_up(self) -> bool:
        try:
            return self.call("GET", "/api/tuning/jobs")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False


@pytest.fixture
def service(installation: Installation) -> Iterator[Service]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    installation.env |= {"PORT": str(port), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    token = next(line.split()[2] for line in installation.run("first_visit").stdout.splitlines() if "API token" in line)
    processes = subprocess.Popen(["honcho", "start"], cwd=settings.BASE_DIR, env=installation.env, text=True)
    running = Service(installation, port, token)
    wait_until(running.is_up, timeout=60)
    yield running
    processes.terminate()
    processes.wait(timeout=60)


def test_a_job_that_is_started_over_http_is_completed_by_the_worker(service: Service) -> None:
    created, job = service.call("POST", "/api/tuning/jobs", SHORT | {"num_samples": 2})
    path = f"/api/tuning/jobs/{job['id']}"
    started, _ = service.call("POST", f"{path}/start")

    wait_until(lambda: service.call("GET", path)[1]["status"] == "completed", timeout=240)

    _, done = service.call("GET", path)
    assert (created, started) == (201, 202)
    assert done["best"]["run_id"] in {trial["run_id"] for trial in done["trials"]}
    assert done["progress"]["completed"] == 2


def test_a_running_job_that_is_canceled_over_http_ends_within_thirty_seconds(service: Service) -> None:
    long = SHORT | {"fixed_params_json": {"num_steps": 20_000, "batch_size": 16}}
    path = f"/api/tuning/jobs/{service.call('POST', '/api/tuning/jobs', long)[1]['id']}"
    service.call("POST", f"{path}/start")
    wait_until(lambda: service.call("GET", path)[1]["progress"]["running"] == 1, timeout=120)

    status, _ = service.call("POST", f"{path}/cancel")
    wait_until(lambda: service.call("GET", path)[1]["status"] == "canceled", timeout=30)

    assert status == 202
    wait_until(lambda: not service.installation.processes("tunix.work.runner"), timeout=30)
    wait_until(lambda: not service.installation.processes("ray"), timeout=10)
