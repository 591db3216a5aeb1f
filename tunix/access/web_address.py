"""The address of the web server, as used by gunicorn, `serve` and `first_visit`."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from django.conf import settings

EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  (only mapped to an address that answers)


class CannotListen(Exception):
    """Why the server cannot listen there, in a sentence for the terminal."""


@dataclass(frozen=True)
class WebAddress:
    """A host and a port as text, both unchecked."""

    host: str
    port: str

    @property
    def bind(self) -> str:
        """The argument of gunicorn's `--bind`."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What to open in a browser on this machine."""
        return f"http://{EVERY_INTERFACE.get(self.host, self.host)}:{self.port}/"

    def refuse_if_unusable(self) -> None:
        """Listens for a moment, as a test. Raises CannotListen."""
        family = self._family()
        if not (self.port.isascii() and self.port.isdigit() and 1 <= int(self.port) <= 65535):
            raise CannotListen(f"PORT is {self.port!r}. It must be a number from 1 to 65535.")
        try:
            socket.create_server((self.host.strip("[]"), int(self.port)), family=family).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotListen(
                    f"Port {self.port} of {self.host} is in use. "
                    "Stop the program that listens there, or set PORT to a free port."
                ) from error
            raise CannotListen(f"Cannot listen at {self.bind}: {error.strerror}.") from error

    def _family(self) -> socket.AddressFamily:
        if ":" not in self.host:
            return socket.AF_INET
        if not (self.host.startswith("[") and self.host.endswith("]")):
            raise CannotListen(f"HOST is {self.host!r}. Write an IPv6 address in brackets, such as [::1].")
        return socket.AF_INET6


def web_address() -> WebAddress:
    """The address in the settings HOST and PORT."""
    return WebAddress(settings.HOST, settings.PORT)
