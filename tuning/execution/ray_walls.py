"""Keeps a local Ray to this machine and this user. It imports no Ray: Ray reads these variables on import.

A local Ray serves one runner. By default it listens on every address of the machine, publishes metrics on a port that
asks for no token, and makes its folders writable for everybody.
"""

from __future__ import annotations

import os
from pathlib import Path

from tunix.pipeline.files import read_or_create_secret

TOKEN_FILE = "ray_token"  # noqa: S105  (the name of a file)
FOLDER = "r"
"""Of Ray, below the temporary folder of an epoch, which only its user can enter. Short: sockets lie below it."""


def token_path(artifacts_dir: Path) -> Path:
    """The token that every process of Ray shows to the others; one for the installation."""
    return artifacts_dir / TOKEN_FILE


def wall_in_ray(artifacts_dir: Path) -> None:
    """Set the environment of a local Ray, for this process and those that it starts. Raises OSError."""
    path = token_path(artifacts_dir)
    read_or_create_secret(path)
    os.environ.pop("RAY_AUTH_TOKEN", None)  # it would take precedence over the file, and stand in every environment
    os.environ.update(
        {
            # The only switch that makes Ray use the loopback address for all its servers: `_node_ip_address` does not,
            # Ray replaces 127.0.0.1 by the machine's own address.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            # Without collection there is no metrics port, which asks for no token.
            "RAY_enable_metrics_collection": "0",
            "RAY_AUTH_MODE": "token",
            # Otherwise ~/.ray/auth_token, which a service's user may be unable to write.
            "RAY_AUTH_TOKEN_PATH": str(path),
        }
    )
