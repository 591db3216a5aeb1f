"""Runs work in the foreground of a terminal, with the same supervisor and Ctrl-C to cancel."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from .models import LeasedWork
from .supervisor import POLL_SECONDS, supervise


def run_in_foreground(
    work: LeasedWork, *, on_poll: Callable[[], None], cancel: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Supervise `work` until it is terminal. A lost runner is followed by the next epoch. While the work is held back,
    because it is paused or its runner was just lost, this waits.

    The first Ctrl-C calls `cancel` and waits for the end; the second one ends the process at once.
    """
    with _interrupts(say) as asked:

        def poll() -> None:
            on_poll()
            if asked:
                cancel()
                asked.clear()

        while not work.is_terminal:
            if work.is_held_back:
                poll()
                time.sleep(POLL_SECONDS)
                work.refresh_from_db()
                continue
            status = supervise(type(work), work.pk, poll, foreground=True)
            work.refresh_from_db()
            if status is None and work.next_try_at is not None:
                poll()
                time.sleep(POLL_SECONDS)  # the database's clock is a little behind this machine's
            elif status is None and not work.is_terminal:
                say("Another worker has claimed it.")
                return


def migrate_empty_database(command: BaseCommand) -> None:
    """Run `manage.py migrate` if the database has no tables, and print a message."""
    if not connection.introspection.table_names():
        command.stderr.write("The database is empty: creating its tables.")
        call_command("migrate", verbosity=0)


@contextmanager
def _interrupts(say: Callable[[str], None]) -> Iterator[list[bool]]:
    """Catches the first SIGINT or SIGTERM: it adds an item to the list that this yields."""
    asked: list[bool] = []

    def note(number: int, frame: FrameType | None) -> None:
        for name in before:
            signal.signal(name, signal.default_int_handler)
        say("Canceling. Press Ctrl-C again to exit at once.")
        asked.append(True)

    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    for name in before:
        signal.signal(name, note)
    try:
        yield asked
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
