"""A broker that hangs: it accepts connections and never answers, as a Redis that is stopped or whose disk is stuck."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hanging_broker() -> Iterator[str]:
    """Its address. The kernel accepts the connections, and no one reads from them."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
