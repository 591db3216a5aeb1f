"""The secrets that a runner needs, passed to it by a pipe.

What a process is started with can be read in `/proc/<id>/environ` by every process of the same user, as long as it
lives, whatever it removes from its environment later. The code of a trial is such a process.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import BinaryIO

SECRETS = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that a child process may be started with."""
    return {name: value for name, value in environment.items() if name not in SECRETS}


def send_secrets(pipe: BinaryIO) -> None:
    """Write the secrets of this process as one line. The pipe stays open. Raises OSError if the reader is gone."""
    known = {name: os.environ[name] for name in SECRETS if name in os.environ}
    pipe.write(json.dumps(known).encode() + b"\n")
    pipe.flush()


def receive_secrets() -> dict[str, str]:
    """The line that `send_secrets` wrote to standard input. Raises EOFError if the sender has died before."""
    if not (line := sys.stdin.buffer.readline()):
        raise EOFError("the supervisor is gone")
    return json.loads(line)  # type: ignore[no-any-return]
