"""The whole API under generated requests. docs/testing.md says how to run more of them.

FUZZ_CASES is the number of requests, FUZZ_SEED the first seed.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tunix.datasets.models import Dataset
from tunix.evaluation.models import Evaluation
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.services import ensure_base_models
from tunix.runs.tests.factories import ASKED, make_run

from ...tests.factories import PARAMS, imported_dataset, job_request, make_job, make_trial
from .api_fuzzer import ApiFuzzer

CASES = int(os.environ.get("FUZZ_CASES", 500))
SEED = int(os.environ.get("FUZZ_SEED", 1))
NEWEST = 12
CSRF = "x" * 32
_numbers = count()


def signed_in(user: Any) -> dict[str, Any]:
    """A signed-in browser's cookies, and the token that lets it write."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
    return {"cookies": cookies, "headers": {"X-CSRFToken": CSRF}}


def make_things_to_ask_about() -> None:
    """A job in each state, several to be started, each with a trial; a run and a verdict."""
    for status in [*JobStatus.values, *[JobStatus.CREATED] * 3]:
        make_trial(make_job(status=status))
    make_evaluation(make_run())
    make_run(status="pending")


def known() -> dict[str, list[Any]]:
    """Ids of the newest of everything."""
    jobs = [str(pk) for pk in TuningJob.objects.values_list("pk", flat=True)[:NEWEST]]
    return {
        "id": jobs,
        "job_id": jobs,
        "number": [0],
        "run_id": [str(pk) for pk in TunixRun.objects.order_by("-created_at").values_list("pk", flat=True)[:NEWEST]],
        "evaluation_id": [str(pk) for pk in Evaluation.objects.values_list("pk", flat=True)[:NEWEST]],
        "key": list(Dataset.objects.values_list("key", flat=True)[:NEWEST]),
        "base_model_id": list(BaseModel.objects.values_list("base_model_id", flat=True)[:NEWEST]),
    }


def right_body(label: str) -> dict[str, Any] | None:
    """A body that the operation accepts."""
    if label in {"POST /api/tuning/jobs", "PATCH /api/tuning/jobs/{id}"}:
        return job_request()
    if label == "POST /api/tuning/search-space/import":
        return {"definition": "parameters: {seed: {values: [1, 2]}}", "names": {}, "tool": "wandb"}
    if label == "POST /api/tuning/jobs/{job_id}/trials":
        return {"params_json": PARAMS}
    if label.endswith("/exclude"):
        return {"reason": "its rows were wrong"}
    if label == "POST /api/runs":
        return ASKED | {"dataset_key": "few-rows", "name": f"run {next(_numbers)}"}
    if label == "POST /api/datasets":
        rows = b"prompt,answer\na,b\nc,d\n"
        return {
            "key": f"set-{next(_numbers)}",
            "train": rows,
            "format": "csv",
            "validation_fraction": 0,
            "test_fraction": 0,
        }
    return None


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Rows of requests share a transaction, whose connection Django would close with each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("kept_connection")
@pytest.mark.django_db(transaction=True)
def test_no_request_breaks_the_api_or_reads_without_a_right(
    user: Any, viewer: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.MAX_ACTIVE_JOBS = settings.MAX_ACTIVE_RUNS = 0  # quotas would refuse most of what starts something
    ensure_base_models()
    imported_dataset()
    fuzzer = ApiFuzzer({"admin": signed_in(user), "stranger": signed_in(viewer), "nobody": {}}, known, right_body)
    monkeypatch.setattr(logging.root.manager, "disable", logging.WARNING)  # a refusal is no news here
    began = time.monotonic()

    fuzzer.run(CASES, SEED, make_things_to_ask_about)

    seconds = time.monotonic() - began
    counts = [f"{number:6d} {name}" for name, number in sorted(fuzzer.cases.items())]
    with capsys.disabled():
        sys.stdout.write(f"\n{fuzzer.total} cases in {seconds:.0f} s, {len(fuzzer.found)} kinds of fault\n")
        sys.stdout.write("\n".join(counts) + "\n")
    assert not fuzzer.found, "\n\n".join(fuzzer.found.values())
