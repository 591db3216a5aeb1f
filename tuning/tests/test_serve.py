"""What `make serve` starts: it answers where it says, and does a job that was created over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.conf import settings

from tunix.work.tests.installation import Installation, wait_until

from ..management.tests.test_tune_command import SHORT
from .faults.servers import free_port

pytestmark = pytest.mark.slow

# What the tests run in is installed already: no set-up. Nor is this `make` a child of the one that may run the tests.
COMMAND = ["make", f"VENV={sys.prefix}", "--old-file=setup", "serve"]
ASKED_EVERY = 0.5
"""Seconds between two requests: an answer takes the service a tenth of a second of CPU."""
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")


class Service:
    """A running service: the address and the token that it printed."""

    def __init__(self, installation: Installation, url: str, token: str) -> None:
        self.installation, self.url, self.token = installation, url.rstrip("/"), token

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


class Serving:
    """`make serve` in an installation, and what it has printed."""

    def __init__(self, installation: Installation, port: str | None) -> None:
        self._log = installation.folder / "serve.log"
        env = {name: value for name, value in installation.env.items() if name not in (*OF_MAKE, "HOST", "PORT")}
        env |= {} if port is None else {"PORT": port}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                COMMAND,
                env=env,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def printed(self, pattern: str) -> str:
        """The first group of the first match."""
        found = re.search(pattern, self.output())
        return found[1] if found else ""

    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        """Send SIGINT to all processes of the group, as Ctrl-C in a terminal does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=60)


@contextmanager
def served(installation: Installation, port: str | None) -> Iterator[Service]:
    """`make serve` until it answers at the address that it printed."""
    serving = Serving(installation, port)
    try:
        wait_until(lambda: serving.printed(r"API token (\S+)") or serving.process.poll() is not None, timeout=120)
        url, token = serving.printed(r"Tunix Tuning: (\S+)"), serving.printed(r"API token (\S+)")
        assert url, serving.output()
        service = Service(installation, url, token)
        wait_until(service.is_up, timeout=60)
        yield service
    finally:
        serving.end()


@pytest.fixture(scope="module")
def port() -> str:
    return str(free_port())


@pytest.fixture(scope="module")
def service(migrated: Installation, port: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests that do not end it: it takes seconds to start."""
    installation = migrated.copy_to(tmp_path_factory.mktemp("served"))
    with served(installation, port) as running:
        yield running
    installation.end_all()


def test_the_printed_address_is_the_one_of_the_environment_and_answers(service: Service, port: str) -> None:
    assert service.url == f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{service.url}/", timeout=30) as page:
        assert page.status == 200
        assert "Tunix Tuning</title>" in page.read().decode()


def test_without_a_port_in_the_environment_the_printed_address_answers_too(installation: Installation) -> None:
    with closing(socket.socket()) as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            pytest.skip("something else listens at the port that is used by default")

    with served(installation, None) as service:
        assert service.url == "http://127.0.0.1:8000"

    assert not installation.processes("honcho")
    assert not installation.processes("gunicorn")


def test_a_port_in_use_is_said_before_anything_starts(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        serving = Serving(installation, port)
        serving.process.wait(timeout=120)

    assert serving.process.returncode != 0
    assert f"Port {port} of 127.0.0.1 is in use." in serving.output()
    assert "Traceback" not in serving.output()
    assert installation.query("SELECT count(*) FROM auth_user") == [(0,)]
    assert not installation.processes()


def test_a_job_that_is_started_over_http_is_completed_by_the_worker(service: Service) -> None:
    created, job = service.call("POST", "/api/tuning/jobs", SHORT | {"num_samples": 2})
    path = f"/api/tuning/jobs/{job['id']}"
    started, _ = service.call("POST", f"{path}/start")

    wait_until(lambda: service.call("GET", path)[1]["status"] == "completed", timeout=240, every=ASKED_EVERY)

    _, done = service.call("GET", path)
    assert (created, started) == (201, 202)
    assert done["best"]["run_id"] in {trial["run_id"] for trial in done["trials"]}
    assert done["progress"]["completed"] == 2


def test_a_running_job_that_is_canceled_over_http_ends_within_thirty_seconds(service: Service) -> None:
    long = SHORT | {"fixed_params_json": {"num_steps": 20_000, "batch_size": 16}}
    path = f"/api/tuning/jobs/{service.call('POST', '/api/tuning/jobs', long)[1]['id']}"
    service.call("POST", f"{path}/start")
    wait_until(lambda: service.call("GET", path)[1]["progress"]["running"] == 1, timeout=120, every=ASKED_EVERY)

    status, _ = service.call("POST", f"{path}/cancel")
    wait_until(lambda: service.call("GET", path)[1]["status"] == "canceled", timeout=30, every=ASKED_EVERY)

    assert status == 202
    wait_until(lambda: not service.installation.processes("tunix.work.runner"), timeout=120)
    wait_until(lambda: not service.installation.processes("ray"), timeout=10)
