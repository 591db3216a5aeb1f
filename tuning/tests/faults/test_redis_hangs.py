"""A Redis that hangs: it accepts connections and never answers. No request waits for it for long."""

from __future__ import annotations

import time

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import QUICK, AddJob, Prepared
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost
from .web import Web

pytestmark = [pytest.mark.slow, row("redis hangs")]


def test_start_answers_in_time_and_is_deferred(
    installation: Installation, prepared: Prepared, new_job: AddJob, redis: Broker, request: pytest.FixtureRequest
) -> None:
    job, web = new_job("created"), Web(installation, prepared[1]["session"])
    web.start()
    web.call("GET", f"/api/tuning/jobs/{job.id}")  # the first request loads the site
    request.getfixturevalue("hanging_redis")

    started = time.monotonic()
    status, body = web.call("POST", f"/api/tuning/jobs/{job.id}/start")
    seconds = time.monotonic() - started

    assert (status, body["dispatch"], job.status) == (202, "deferred", "queued")
    assert seconds < 10  # two seconds, unless the machine is busy with other tests; it used to take a minute


def test_lost_job_is_taken_over_in_time_although_others_wait_for_their_wake_ups(
    installation: Installation, new_job: AddJob, hanging_redis: Broker
) -> None:
    for _ in range(4):
        new_job()
    lost = new_job("running", epoch=1)

    started = time.monotonic()
    installation.start_reconciler()
    wait_until(lambda: lost.status == "queued")

    # A lease, and time for a busy machine to start the reconciler. Four inline messages took four minutes.
    assert time.monotonic() - started < float(QUICK["LEASE_SECONDS"]) + 45


def test_free_worker_does_what_is_queued(
    installation: Installation, new_job: AddJob, redis: Broker, request: pytest.FixtureRequest
) -> None:
    installation.start_worker(WORKER_LOOK_SECONDS="0.5", concurrency=1)
    wait_until(lambda: "ready." in installation.log("worker"))
    request.getfixturevalue("hanging_redis")
    jobs = [new_job(), new_job()]

    for job in jobs:
        job.wait_for("completed")

    for job in jobs:
        assert_nothing_is_lost(job)
        assert job.epoch == 1


def test_worker_that_is_started_meanwhile_does_what_is_queued(
    installation: Installation, new_job: AddJob, hanging_redis: Broker
) -> None:
    job = new_job()
    installation.start_worker(WORKER_LOOK_SECONDS="0.5", concurrency=1)
    job.wait_for("completed")
    assert_nothing_is_lost(job)


def test_messages_are_sent_again_once_it_answers(
    installation: Installation, new_job: AddJob, hanging_redis: Broker
) -> None:
    job = new_job()
    installation.start_reconciler()
    time.sleep(3)  # long enough for an attempt that fails
    hanging_redis.answer_again()
    wait_until(hanging_redis.waiting_messages)
    wait_until(lambda: job.column("dispatched_at") is not None)
