"""A real HTTP server on loopback that speaks the protocol of chat completions, well or badly."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

KEY = "sk-secret-0123456789"


@dataclass(frozen=True)
class Say:
    """One answer of the server."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def chat(content: str, finish: str = "stop", tokens: tuple[int, int] = (100, 10)) -> Say:
    """A chat completion with this text."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
    return Say({"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage})


def good(score: float = 1.0, reason: str = "It says the same.") -> Say:
    """A judgement as asked for."""
    return chat(json.dumps({"score": score, "reason": reason}))


class JudgeServer:
    """`answer` decides what each request gets; `asked` holds the requests."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any]], Say] = lambda request: good()
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self._lock = Lock()

    def in_turn(self, *says: Say) -> None:
        """The first request gets the first of these, and so on; the last goes on for ever."""
        left = list(says)
        self.answer = lambda request: left.pop(0) if len(left) > 1 else left[0]

    def for_prediction(self, says: dict[str, Say]) -> None:
        """What is said of each prediction; of the others, good."""

        def answer(request: dict[str, Any]) -> Say:
            return next((say for text, say in says.items() if f">\n{text}\n</answer" in prompt_of(request)), good())

        self.answer = answer

    def take(self, request: dict[str, Any], headers: dict[str, str]) -> Say:
        with self._lock:
            self.asked.append(request)
            self.headers.append(headers)
            return self.answer(request)


def prompt_of(request: dict[str, Any]) -> str:
    """The text that the judge is asked to judge."""
    return request["messages"][-1]["content"]


@contextmanager
def serving() -> Iterator[JudgeServer]:
    """A server at work on a free port."""
    judge = JudgeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            say = judge.take({"path": self.path} | request, dict(self.headers))
            time.sleep(say.seconds)
            body = (say.body if isinstance(say.body, str) else json.dumps(say.body)).encode()
            try:
                self.send_response(say.status)
                for name, value in ({"Content-Length": str(len(body))} | say.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # the client has given up

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    judge.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield judge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
