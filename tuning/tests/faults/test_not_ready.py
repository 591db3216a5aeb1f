"""Installations that cannot do any work say so before a job fails."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import Prepared
from .matrix import row
from .web import Web

pytestmark = pytest.mark.slow


@pytest.fixture
def web(installation: Installation, prepared: Prepared) -> Web:
    made = Web(installation, prepared[1]["session"])
    made.start()
    installation.start_reconciler()
    wait_until(lambda: line_of(made, "reconciler")["ok"])
    return made


def line_of(web: Web, name: str) -> Any:
    """One check of /readyz."""
    _, body = web.call("GET", "/readyz")
    return next(check for check in body["checks"] if check["name"] == name)


@row("no worker")
def test_an_installation_is_ready_only_with_a_worker(web: Web, installation: Installation) -> None:
    assert web.call("GET", "/readyz")[0] == 503
    assert line_of(web, "workers")["detail"] == "none is alive"

    installation.start_worker()

    wait_until(lambda: web.call("GET", "/readyz")[0] == 200)


@row("long TMPDIR")
def test_a_worker_whose_jobs_would_all_fail_is_named(web: Web, installation: Installation) -> None:
    long = installation.scratch / ("a" * 60)
    long.mkdir()
    installation.start_worker(TMPDIR=str(long))
    wait_until(lambda: "tuning.W001" in line_of(web, "workers")["detail"])
    assert web.call("GET", "/readyz")[0] == 503
