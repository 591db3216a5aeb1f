"""The web server of an installation, and a user who is signed in to it."""

from __future__ import annotations

import http.client
import json
from typing import Any

from tunix.work.tests.installation import Installation, wait_until

from .servers import free_port

CSRF = "c" * 32


class Web:
    """gunicorn as the Procfile starts it, with one process, and the session of an administrator."""

    def __init__(self, installation: Installation, session: str) -> None:
        self.installation, self.port = installation, free_port()
        self.cookies = f"sessionid={session}; csrftoken={CSRF}"

    def start(self, **env: str) -> None:
        bind = ("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4")
        self.installation.serve("web", "-m", "gunicorn", "tunix.wsgi", *bind, **env)
        wait_until(self.is_up)

    def is_up(self) -> bool:
        try:
            return self.call("GET", "/api/tuning/jobs")[0] == 200
        except OSError:
            return False

    def call(self, method: str, path: str) -> tuple[int, Any]:
        """(status, body) of one request. Raises OSError when the connection breaks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookies, "X-CSRFToken": CSRF, "Content-Type": "application/json"}
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
