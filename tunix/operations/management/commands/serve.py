"""`manage.py serve`: what `make serve` runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from tunix.access.web_address import CannotListen, WebAddress, web_address


class Command(BaseCommand):
    """Checks the address, migrates, prints where to go, and becomes honcho with the programs of the Procfile."""

    help = "Start web server, worker and reconciler at HOST and PORT, and print the address."

    def handle(self, *args: Any, **options: Any) -> None:
        address = web_address()
        try:
            address.refuse_if_unusable()
        except CannotListen as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        call_command("first_visit", stdout=self.stdout)
        connections.close_all()
        self.stdout.flush()  # execve discards what is still in the buffer
        _become_honcho(address)


def _become_honcho(address: WebAddress) -> None:
    """Replace this process.

    honcho makes up a PORT where the environment has none, and puts `.env` above the environment; the settings do
    neither. So it gets the environment as the settings left it, which includes `.env`, and no file to read.
    """
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {
        "HOST": address.host,
        "PORT": address.port,
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
    }
    os.chdir(settings.BASE_DIR)
    os.execve(  # noqa: S606 - no shell is wanted
        sys.executable, [sys.executable, "-m", "honcho", "start", "--env", os.devnull], environment
    )
