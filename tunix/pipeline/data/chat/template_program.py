"""A program that renders conversations with a chat template, as transformers does.

A template is a program that comes with a model, so it runs in Jinja's sandbox, and in a process of its own with limits
on memory and time. The first line of the input has the template, the special tokens and the date; each further line is
a conversation. The output has a line for each: `text`, or `problem`. `fatal` instead ends the process: the template
itself is at fault. It imports nothing of this project, so that it starts quickly.
"""

from __future__ import annotations

import json
import math
import resource
import signal
import sys
import time
from datetime import datetime
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_MEMORY_BYTES = 1024**3
MAX_CHARACTERS = 8 * 1024**2
"""The longest text that a conversation may become."""


class TooSlow(BaseException):
    """The time for one conversation is over. No handler inside a template may catch it."""


class Faulty(Exception):
    """Text that is not a template."""


class Generation(Extension):
    """The tag `generation`, which marks in some templates what the assistant writes. It changes no text."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        # A call block, as in transformers: what the body sets is not seen after it.
        return nodes.CallBlock(self.call_method("_written"), [], [], body).set_lineno(line)

    def _written(self, caller: Macro) -> str:
        return caller()


def compiled(text: str, now: datetime) -> Template:
    """The template with the options, filters and functions that transformers gives it. Raises TemplateError."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = now.strftime
    return environment.from_string(text)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON without the escapes for HTML of Jinja's own filter."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def rendered(template: Template, special_tokens: dict[str, str], conversation: dict[str, Any]) -> str:
    """The text of one conversation: `messages`, `tools` or None, and `add_generation_prompt`.

    Raises ValueError if it becomes too long, and whatever the template raises.
    """
    variables = {"documents": None, **conversation, **special_tokens}
    pieces, size = [], 0
    for piece in template.generate(variables):
        size += len(piece)
        if size > MAX_CHARACTERS:
            raise ValueError(f"it becomes longer than {MAX_CHARACTERS:,} characters")
        pieces.append(piece)
    return "".join(pieces)


class Program:
    """A template with its special tokens, which is compiled when it is first needed."""

    def __init__(self, template: str, special_tokens: dict[str, str], now: str, max_seconds: float) -> None:
        self._text, self._special_tokens, self._now = template, special_tokens, datetime.fromisoformat(now)
        self._seconds = max_seconds
        self._template: Template | None = None

    def answer(self, conversation: dict[str, Any]) -> dict[str, str]:
        """The line of the output for a conversation."""
        try:
            _limit_time(self._seconds)
            return {"text": rendered(self._compiled(), self._special_tokens, conversation)}
        except TooSlow:
            return {"fatal": f"It took more than {self._seconds:g} seconds for one conversation"}
        except MemoryError:
            return {"fatal": f"It needs more than {MAX_MEMORY_BYTES >> 20} MiB of memory for one conversation"}
        except Faulty as error:
            return {"fatal": str(error)}
        except Exception as error:
            return {"problem": _reason(error)}

    def _compiled(self) -> Template:
        if self._template is None:
            try:
                self._template = compiled(self._text, self._now)
            except Exception as error:
                raise Faulty(_reason(error)) from None
        return self._template


def _limit_time(seconds: float) -> None:
    """A signal ends what comes next after its time; the system ends the process if Python cannot handle the signal."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + 2 * seconds), hard))


def _too_slow(*_: object) -> NoReturn:
    raise TooSlow


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    text = " ".join(str(error).split())[:300].rstrip(".")
    line = getattr(error, "lineno", None)
    if isinstance(error, TemplateError | ValueError) and text:
        return f"line {line}: {text}" if line else text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def main() -> None:
    """Answers each line of the input at once."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _too_slow)
    program = Program(**json.loads(sys.stdin.readline()))
    for line in iter(sys.stdin.readline, ""):
        answer = program.answer(json.loads(line))
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
        if "fatal" in answer:
            break


if __name__ == "__main__":
    main()
