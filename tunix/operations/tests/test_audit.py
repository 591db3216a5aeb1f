"""The audit of libraries, with the real pip-audit against a service of the test's own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

WEAKNESS = {
    "id": "PYSEC-2025-1",
    "summary": "bad",
    "affected": [
        {
            "package": {"name": "weak", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Knows one weak library."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        weak = asked["package"]["name"] == "weak"
        body = json.dumps({"vulns": [WEAKNESS]} if weak else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    """Address of the service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def audit(tmp_path: Path, pins: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(pins)
    return subprocess.run(
        [sys.executable, ".ci/audit.py", "-r", str(requirements), "--cache-dir", str(tmp_path / "cache"), *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "AUDIT_REQUIRED": "0", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tool_that_says(tmp_path: Path, script: str) -> str:
    path = tmp_path / "pip-audit"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_a_known_vulnerability_fails(service: str, tmp_path: Path) -> None:
    done = audit(tmp_path, "weak==1.0\nfine==2.0\n", "-s", "osv", "--osv-url", service)
    assert done.returncode == 1, done.stderr
    assert "weak 1.0: PYSEC-2025-1, fixed in 1.1" in done.stdout


def test_a_vulnerability_that_was_accepted_by_name_does_not(service: str, tmp_path: Path) -> None:
    done = audit(tmp_path, "weak==1.0\n", "-s", "osv", "--osv-url", service, "--ignore-vuln", "PYSEC-2025-1")
    assert (done.returncode, "0 known vulnerabilities" in done.stdout) == (0, True)


def test_libraries_without_vulnerabilities_pass(service: str, tmp_path: Path) -> None:
    done = audit(tmp_path, "fine==2.0\n", "-s", "osv", "--osv-url", service)
    assert (done.returncode, done.stdout) == (0, "1 libraries audited, 0 known vulnerabilities.\n")


@pytest.mark.parametrize(("required", "code"), [("0", 0), ("1", 1)])
def test_a_service_that_is_away_is_said_aloud(tmp_path: Path, required: str, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    address = f"http://127.0.0.1:{closed}/"
    done = audit(tmp_path, "fine==2.0\n", "-s", "osv", "--osv-url", address, AUDIT_REQUIRED=required)
    assert (done.returncode, "NOT AUDITED" in done.stdout) == (code, True), done.stderr


def test_an_index_that_knows_nothing_is_no_clean_audit(tmp_path: Path) -> None:
    report = json.dumps({"dependencies": [{"name": "fine", "skip_reason": "not found"}], "fixes": []})
    done = audit(tmp_path, "fine==2.0\n", PIP_AUDIT=tool_that_says(tmp_path, f"echo '{report}'"))
    assert (done.returncode, "NOT AUDITED" in done.stdout) == (0, True)


def test_a_tool_that_fails_by_itself_is_a_failure(tmp_path: Path) -> None:
    done = audit(tmp_path, "not a requirement !!\n")
    assert (done.returncode, "pip-audit failed" in done.stderr) == (1, True)
