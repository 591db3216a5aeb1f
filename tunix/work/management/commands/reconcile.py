"""`manage.py reconcile`: the process that recovers lost work."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection

from tunix.work.reconciler import Reconciler
from tunix.work.reconciler_heartbeat import record_heartbeat


class Command(BaseCommand):
    """Runs the reconciler until it is stopped."""

    requires_system_checks = ["settings"]  # the other checks would load the whole site first
    help = "Send lost wake-ups again and take over work whose runner is gone. Run it in addition to the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="check twice, LEASE_SECONDS apart, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        reconciler = Reconciler()
        self.run_once(reconciler)
        if options["once"]:
            time.sleep(settings.LEASE_SECONDS)
            self.run_once(reconciler)
            return
        while True:
            time.sleep(settings.RECONCILE_SECONDS)
            self.run_once(reconciler)

    def run_once(self, reconciler: Reconciler) -> None:
        try:
            done = reconciler.run_once()
            record_heartbeat()
        except Error as error:
            self.stderr.write(f"reconciler: the database does not answer: {error}")
            connection.close()
            return
        if any(done.values()):
            self.stdout.write(f"reconciler: dispatched {done['dispatched']}, taken over {done['taken_over']}")
