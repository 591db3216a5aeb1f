"""Renders conversations with a checkpoint's chat template, in a process with limits: see template_program.py."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import IO, Any, cast

from tunix.pipeline.models.base_models import BaseModelError

PROGRAM = Path(__file__).with_name("template_program.py")

DATE = datetime(2024, 7, 26)  # noqa: DTZ001 - templates write the day alone
"""Today, for templates that write the date into the prompt: with the real one, no run could be reproduced tomorrow.

It is the day that the templates of Llama 3 write where they are not given one.
"""


class ChatTemplateError(BaseModelError):
    """A chat template that cannot be used at all."""


@dataclass(frozen=True)
class NotRendered:
    """Why the template refuses a conversation."""

    problem: str


@dataclass(frozen=True)
class Request:
    """Messages in the form that templates take; with the generation prompt, the text that an answer follows."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    generation_prompt: bool = False

    def to_json(self) -> dict[str, Any]:
        """What the template is given; it knows a conversation without tools by None."""
        return {
            "messages": list(self.messages),
            "tools": list(self.tools) or None,
            "add_generation_prompt": self.generation_prompt,
        }


MAX_SECONDS = 5
"""CPU time for one conversation. Usual templates take less than a millisecond."""

Render = Callable[[Sequence[Request]], list[str | NotRendered]]
"""Renders conversations in order."""


@contextmanager
def renderer(template: str, special_tokens: Mapping[str, str], max_seconds: float = MAX_SECONDS) -> Iterator[Render]:
    """Renders with a template while the context is open. Rendering raises ChatTemplateError.

    `special_tokens` are the variables of the template such as `bos_token`.
    """
    setting = {
        "template": template,
        "special_tokens": dict(special_tokens),
        "now": DATE.isoformat(),
        "max_seconds": max_seconds,
    }
    with subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},  # that of this process has secrets
    ) as process:
        source, sink = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stdin)
        try:
            _write(sink, [setting])
            yield lambda requests: _rendered(source, sink, requests)
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # from what was not read any more
                sink.close()


def _rendered(source: IO[bytes], sink: IO[bytes], requests: Sequence[Request]) -> list[str | NotRendered]:
    # Another thread writes: both pipes are small, and the program answers while it still reads.
    writer = Thread(target=_write, args=(sink, [request.to_json() for request in requests]), daemon=True)
    writer.start()
    found = [_answer(source.readline()) for _ in requests]
    writer.join()
    return found


def _write(sink: IO[bytes], values: Sequence[Mapping[str, Any]]) -> None:
    with suppress(BrokenPipeError, ValueError):  # the program has ended, which its missing answer says
        for value in values:
            sink.write(json.dumps(value).encode() + b"\n")
        sink.flush()


def _answer(line: bytes) -> str | NotRendered:
    is_whole = line.endswith(b"\n")  # the program may end inside a line
    answer = json.loads(line) if is_whole else {"fatal": "It took too much time or memory for one conversation."}
    if "fatal" in answer:
        raise ChatTemplateError(f"The chat template cannot be used. {_sentence(answer['fatal'])}")
    return _valid(answer["text"]) if "text" in answer else NotRendered(answer["problem"])


def _valid(text: str) -> str | NotRendered:
    """The text, if it can be encoded: a template can write half of a pair of surrogates, which no tokenizer reads."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return NotRendered(f"the template writes a lone surrogate, U+{ord(text[error.start]):04X}")
    return text


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
