"""The fault matrix: what breaks, when, and what is expected. Each row is proved by the tests that carry its mark."""

from __future__ import annotations

from typing import Any, Final

import pytest

MATRIX: Final = {
    "web killed": (
        "kill -9 web process",
        "after commit, before publish",
        "the reconciler sends it; the job runs once",
    ),
    "redis": (
        "Redis down; FLUSHALL; restart",
        "start; queued; running",
        "202 deferred; sent again; no effect on a running job",
    ),
    "redis hangs": (
        "Redis accepts connections and never answers",
        "start; queued; running; runner lost",
        "202 deferred within 2 s; lost work is taken over in time; a free worker finds what is queued",
    ),
    "messages": (
        "the same message five times; 2 workers and 20 jobs",
        "queued",
        "one epoch each",
    ),
    "redelivery": (
        "redelivery after the visibility timeout*",
        "running",
        "the second copy loses the claim",
    ),
    "worker or runner killed": (
        "kill -9 Celery worker*, runner*",
        "after suggest's commit; result before its row; files before the job row; mid-trial",
        "same parameters, attempt lost, counted once, hashes match",
    ),
    "proof killed": (
        "kill -9 the process that decides",
        "each stage of a proof",
        "same seeds, same stage, one access to the test split",
    ),
    "trial worker killed": (
        "SIGKILL trial worker*, out of memory*",
        "mid-trial",
        "retried or failed with reason, metrics not doubled",
    ),
    "ray killed": (
        "SIGKILL raylet*, gcs_server*",
        "mid-trial",
        "runner killed in 15 s, job resumes",
    ),
    "runner stopped": (
        "SIGSTOP the runner past its lease, then SIGCONT",
        "mid-trial",
        "new epoch; the old one writes zero rows and exits 75",
    ),
    "database away": (
        "database locked 5 s; locked longer than PATIENCE_SECONDS; PostgreSQL restart",
        "callback",
        "nothing changes; the runner exits and the job resumes, no trial marked failed",
    ),
    "disk full": (
        "disk full* (an injected ENOSPC)",
        "checkpoint; result file",
        "failed (no space), resumable once there is space",
    ),
    "cancel": (
        "cancel",
        "every state, twice, racing the finish, trial asleep*",
        "one correct terminal state, no process left",
    ),
    "reboot or clock": (
        "reboot (processes gone, Ray's temporary folder wiped); clock +-1 h",
        "mid-trial",
        "resumes; no false takeover",
    ),
    "hook or metric": (
        "a hook raises; metric NaN, infinite, missing",
        "any",
        "no state corrupted, reason recorded, never the best",
    ),
    "crash at start": (
        "crash at every start",
        "start",
        "failed after MAX_RESTARTS",
    ),
    "folder read-only": (
        "the artifacts folder cannot be written for a minute",
        "start",
        "the job waits longer before each try, and completes",
    ),
    "no worker": (
        "no worker is alive",
        "any",
        "`/readyz` says so, and is ready once there is one",
    ),
    "long TMPDIR": (
        "TMPDIR is too long for Ray's sockets",
        "start of the worker",
        "`/readyz` names the failed check of that worker",
    ),
    "deploy": (
        "SIGTERM to a Celery worker (a deploy)*",
        "mid-trial",
        "requeued within seconds, continues on another worker, no restart counted",
    ),
    "no progress": (
        "a trial that hangs*, a trial over its time limit*",
        "mid-trial",
        "the runner is killed after STALL_SECONDS and the job resumes; the trial fails (timeout)",
    ),
    "random": (
        "seeded random faults, three jobs* (30 s in the tests, 10 minutes by command)",
        "all",
        "the checker finds nothing",
    ),
}

ELSEWHERE: Final = {
    "random": "tunix/operations/soak/tests/test_soak_command.py::test_random_faults_leave_a_clean_ledger"
}
"""Rows whose test is beside the code that it tests."""


def row(key: str, *, ray: bool = False) -> Any:
    """Marks a test that proves this row. `ray`: under a real Ray, which takes a dozen seconds of CPU per epoch.

    A row with a star has such a test; tests that only concern the ledger run without Ray.
    """
    assert key in MATRIX, key
    return pytest.mark.faults(key, ray=ray)


def needs_ray(request: pytest.FixtureRequest) -> bool:
    """Whether trials of this test are to run under a real Ray."""
    mark = request.node.get_closest_marker("faults")
    return bool(mark.kwargs["ray"])
