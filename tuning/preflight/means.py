"""What a job needs around it: its judge, a broker, room on the disk."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.conf import settings
from redis import RedisError

from tunix.pipeline.judges import JUDGES
from tunix.runs.validation import why_no_judge
from tunix.validation.sizes import bytes_in_words
from tunix.work.broker import MessagesNotTaken, ask_broker
from tunix.work.disk import free_bytes, lacks_space

from ..domain.job_sections import asks_a_service
from .estimates import Estimates
from .findings import Finding, ok, problem, warning

logger = logging.getLogger(__name__)


def check_judge(about: str, name: str) -> Iterator[Finding]:
    """Whether it can judge here. A service is not asked: that may cost something."""
    judge = JUDGES[name]
    if why := why_no_judge(judge.name):
        yield problem(about, why)
    elif asks_a_service(judge.name):
        yield ok(about, f"{judge.name}, version {judge.version}, is configured. The check does not call it.")
    else:
        yield ok(about, f"{judge.name} is ready. It calls no service.")


def check_space(estimates: Estimates) -> Iterator[Finding]:
    """Whether a job may start, and whether what it will write has room above the floor."""
    if lacking := lacks_space():
        yield problem("space", f"No job can start: {lacking}")
        return
    free, floor, needed = free_bytes(), settings.MIN_FREE_BYTES, estimates.bytes
    sentence = f"The runs will take about {bytes_in_words(needed)}; {bytes_in_words(free)} are free."
    if needed > free - floor:
        limit = f"Below {bytes_in_words(floor)} (MIN_FREE_BYTES) no trial starts, and the job fails."
        yield warning("space", f"{sentence} {limit} Make room, or make fewer runs.")
    else:
        yield ok("space", sentence)


def check_broker() -> Iterator[Finding]:
    """Whether a worker can be woken; without a broker a job waits for the reconciler, and is not lost."""
    try:
        yield ok("broker", f"The message broker {ask_broker()}.")
    except (MessagesNotTaken, RedisError, OSError) as error:  # its text may name hosts: that is for the log only
        logger.warning("the broker does not answer: %s", error)
        why = str(error) if isinstance(error, MessagesNotTaken) else "it does not answer"
        yield warning("broker", f"The message broker takes no messages: {why}. A job would wait until it does.")
