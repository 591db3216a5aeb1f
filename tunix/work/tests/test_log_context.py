"""What a log line carries, and what it never does."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings

from tunix.work import log_context as module
from tunix.work.dispatch import dispatch
from tunix.work.log_context import add_to_log_context, bind_to_process, ids_of, log_context
from tunix.work.tests.factories import make_work

Written = Callable[[], str]


def handler_of(stream: io.StringIO, log_format: str) -> logging.Handler:
    """A handler as the settings make it, writing to `stream`."""
    config = django_settings.LOGGING | {"root": {"handlers": []}, "loggers": {}, "incremental": False}
    made = logging.config.DictConfigurator(config)
    formatter = made.configure_formatter(dict(config["formatters"][log_format]))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(module.ContextFilter())
    return handler


@pytest.fixture(params=["line", "json"])
def written(request: Any) -> Iterator[Written]:
    """What was logged so far, in each format."""
    stream = io.StringIO()
    handler, root = handler_of(stream, request.param), logging.getLogger()
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines so far, read as JSON."""
    stream = io.StringIO()
    handler, root = handler_of(stream, "json"), logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields of the process that go with the test."""
    monkeypatch.setattr(module, "_of_process", {})


logger = logging.getLogger("tunix.test")


def test_a_line_carries_the_fields_around_it(lines: Any) -> None:
    with log_context(job_id="a", epoch=2), log_context(trial=0):
        logger.warning("hello %s", "you")
    (line,) = lines()
    assert (line["message"], line["job_id"], line["epoch"], line["trial"]) == ("hello you", "a", 2, 0)
    assert (line["level"], line["logger"]) == ("WARNING", "tunix.test")
    assert "timestamp" in line


def test_fields_go_with_their_context(lines: Any) -> None:
    with log_context(job_id="a"):
        add_to_log_context(epoch=1)
        logger.warning("inside")
    logger.warning("outside")
    inside, outside = lines()
    assert inside["epoch"] == 1
    assert {"job_id", "epoch"}.isdisjoint(outside)


def test_every_thread_of_a_process_carries_its_work(own_process: None, lines: Any) -> None:
    bind_to_process(job_id="a", epoch=3)
    thread = threading.Thread(target=logger.warning, args=("from a thread",))
    thread.start()
    thread.join()
    assert lines()[0]["epoch"] == 3


def test_another_thread_does_not_carry_this_threads_work(lines: Any) -> None:
    with log_context(job_id="a"):
        thread = threading.Thread(target=logger.warning, args=("from a thread",))
        thread.start()
        thread.join()
    assert "job_id" not in lines()[0]


def test_what_a_line_says_itself_comes_first(lines: Any) -> None:
    with log_context(run_id="around"):
        logger.warning("x", extra={"run_id": "own"})
    assert lines()[0]["run_id"] == "own"


def test_the_plain_format_names_them_in_order() -> None:
    stream = io.StringIO()
    record = logging.makeLogRecord({"msg": "hello", "name": "tunix", "levelname": "INFO", "trial": 3, "job_id": "a"})
    handler_of(stream, "line").handle(record)
    assert stream.getvalue().endswith("INFO tunix [job_id=a trial=3]: hello\n")


def test_a_line_without_work_has_no_brackets() -> None:
    stream = io.StringIO()
    handler_of(stream, "line").handle(logging.makeLogRecord({"msg": "hello", "name": "tunix"}))
    assert "[" not in stream.getvalue()


@pytest.mark.django_db
def test_a_wake_up_that_cannot_be_sent_names_its_run(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any, **options: Any) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)
    work = make_work()
    dispatch(work)
    assert lines()[0]["run_id"] == str(work.pk)


def test_a_kind_of_ones_own_has_a_work_id() -> None:
    assert ids_of("sorting", 7) == {"work_id": "7"}


@pytest.mark.parametrize(
    "message",
    [
        "cannot reach redis://:hunter2-hunter2@broker:6379/0",
        "postgres://tunix:hunter2-hunter2@db/tunix refused",
        "header Authorization: Token hunter2-hunter2",
        "password hunter2-hunter2 is wrong",
    ],
)
def test_no_password_is_written(written: Written, settings: Any, message: str) -> None:
    settings.REDIS_URL = "redis://:hunter2-hunter2@broker:6379/0"
    try:
        raise RuntimeError(message)
    except RuntimeError:
        logger.exception("it failed: %s", message)
    assert "hunter2" not in written()
    assert "it failed" in written()


def test_the_secret_key_and_the_databases_password_are_not_written(
    written: Written, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "correct-horse")
    logger.warning("%s and correct-horse", settings.SECRET_KEY)
    assert settings.SECRET_KEY not in written()
    assert "correct-horse" not in written()


@pytest.mark.parametrize(("zone", "name"), [("UTC", "UTC"), ("Asia/Kolkata", "IST"), ("America/Bogota", "-05")])
def test_a_line_names_the_zone_of_its_time(settings: Any, zone: str, name: str) -> None:
    settings.TIME_ZONE = zone
    stream = io.StringIO()
    handler_of(stream, "line").handle(logging.makeLogRecord({"msg": "begun", "created": 0.0}))
    assert stream.getvalue()[23:].startswith(f" {name} ")


def test_a_json_line_has_the_offset_of_its_time() -> None:
    stream = io.StringIO()
    handler_of(stream, "json").handle(logging.makeLogRecord({"msg": "begun", "created": 0.0}))
    assert json.loads(stream.getvalue())["timestamp"] == "1970-01-01T00:00:00+00:00"
