"""What happens to wake-ups: not sent, lost with Redis, sent several times, delivered again."""

from __future__ import annotations

import pytest
from kombu import Connection

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt, Prepared
from .jobs import TASK
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost
from .web import Web

pytestmark = pytest.mark.slow


@pytest.fixture
def web(installation: Installation, prepared: Prepared) -> Web:
    """Not started yet."""
    return Web(installation, prepared[1]["session"])


@row("web killed")
def test_job_whose_web_process_died_before_publishing_is_sent_by_the_reconciler_and_runs_once(
    web: Web, new_job: AddJob, break_at: BreakAt, redis: Broker
) -> None:
    job = new_job("created")
    web.start()
    break_at("dispatch.before")
    with pytest.raises(OSError):
        web.call("POST", f"/api/tuning/jobs/{job.id}/start")
    assert (job.status, job.column("dispatched_at"), redis.waiting_messages()) == ("queued", None, 0)

    job.installation.start_worker()
    job.installation.start_reconciler()
    job.wait_for("completed")

    assert_nothing_is_lost(job)
    assert job.epoch == 1


@row("redis")
def test_start_without_redis_is_deferred_and_sent_once_redis_is_back(web: Web, new_job: AddJob, redis: Broker) -> None:
    _needs_own_redis(redis)
    job = new_job("created")
    web.start()
    redis.kill()

    status, body = web.call("POST", f"/api/tuning/jobs/{job.id}/start")
    job.installation.start_reconciler()
    redis.start()
    wait_until(redis.waiting_messages)

    assert (status, body["dispatch"]) == (202, "deferred")
    assert (job.status, job.epoch) == ("queued", 0)
    wait_until(lambda: job.column("dispatched_at") is not None)


@row("redis")
def test_wake_up_that_redis_lost_is_sent_again(new_job: AddJob, redis: Broker) -> None:
    job = new_job()
    redis.send(TASK, job.id)
    redis.forget_all()

    job.installation.start_reconciler()

    wait_until(redis.waiting_messages)
    assert job.status == "queued"


@row("redis")
def test_wake_up_survives_a_crash_of_redis(new_job: AddJob, redis: Broker) -> None:
    """With `appendonly yes` it writes a message to its file before it acknowledges it."""
    _needs_own_redis(redis)
    redis.send(TASK, new_job().id)
    redis.kill()
    redis.start()

    assert redis.waiting_messages() == 1


@row("redis")
def test_redis_killed_and_started_has_no_effect_on_a_running_job(
    new_job: AddJob, installation: Installation, redis: Broker
) -> None:
    _needs_own_redis(redis)
    installation.env["NOOP_SECONDS"] = "2"
    installation.start_worker()
    job = new_job()
    redis.send(TASK, job.id)
    job.wait_until_training()

    redis.kill()
    redis.start()
    redis.forget_all()
    job.wait_for("completed")

    assert_nothing_is_lost(job)
    assert (job.epoch, job.outcomes()) == (1, ["completed", "completed"])


@row("messages")
def test_five_wake_ups_are_one_epoch(new_job: AddJob, installation: Installation, redis: Broker) -> None:
    """Two workers of three threads each take them all while the job is queued or running."""
    job = new_job()
    for _ in range(5):
        redis.send(TASK, job.id)
    for name in ("one", "two"):
        installation.start_worker(name=name, concurrency=3)
    job.wait_for("completed")
    wait_until(lambda: installation.log("one").count("received") + installation.log("two").count("received") == 5)

    assert_nothing_is_lost(job)
    assert job.epoch == 1


@row("redelivery", ray=True)
def test_message_that_is_delivered_again_while_the_job_runs_loses_the_claim(
    new_job: AddJob, installation: Installation, redis: Broker
) -> None:
    """Workers that acknowledge late, as they are not by default, and a visibility timeout of half a second."""
    installation.env["NOOP_SECONDS"] = "2"
    late = ("--", "task.acks_late=1", 'broker.transport_options=(dict){"visibility_timeout": 0.5}')
    installation.start_worker(*late, concurrency=2)
    job = new_job()
    redis.send(TASK, job.id)
    job.wait_until_training()

    with Connection(redis.url, transport_options={"visibility_timeout": 0.5}) as connection:
        connection.default_channel.qos.restore_visible()
    wait_until(lambda: "nothing to claim" in installation.log("worker"))
    job.wait_for("completed")

    assert_nothing_is_lost(job)
    assert (job.epoch, job.outcomes()) == (1, ["completed", "completed"])


def _needs_own_redis(redis: Broker) -> None:
    if not redis.is_ours:
        pytest.skip("a Redis from the environment is not killed")
