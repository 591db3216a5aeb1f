"""`manage.py reconcile`: the process that finds lost work."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection

from tunix.work.reconciler import Reconciler
from tunix.work.reconciler_heartbeat import note_turn


class Command(BaseCommand):
    """Runs the reconciler until stopped."""

    requires_system_checks = ["settings"]  # all of them would load the whole site first
    help = "Send lost wake-ups again and take over work whose runner is gone. Run it beside the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="look, wait for one lease time, look again, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        reconciler = Reconciler()
        self.turn(reconciler)
        if options["once"]:
            time.sleep(settings.LEASE_SECONDS)
            self.turn(reconciler)
            return
        while True:
            time.sleep(settings.RECONCILE_SECONDS)
            self.turn(reconciler)

    def turn(self, reconciler: Reconciler) -> None:
        try:
            done = reconciler.turn()
            note_turn()
        except Error as error:
            self.stderr.write(f"reconciler: the database does not answer: {error}")
            connection.close()
            return
        if any(done.values()):
            self.stdout.write(f"reconciler: dispatched {done['dispatched']}, taken over {done['taken_over']}")
