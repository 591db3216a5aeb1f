"""The shape of a row in the table of verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import import_string

CHANGE = "tuning.change_tuningjob"

Reason = Callable[[Any], str | None]
"""Says in a sentence why something is refused; None means that it is allowed."""


@dataclass(frozen=True)
class Argument:
    """A field of the request body. Forms send text, which is read as `type`; the service validates it."""

    name: str
    type: type = str


@dataclass(frozen=True)
class Selection:
    """How the admin offers a verb for several rows, and what it reports after the number of rows."""

    label: str
    done: str


@dataclass(frozen=True, kw_only=True)
class Verb:
    """Something that can be done with a job or a trial.

    `service` is a dotted path below `tuning.services`: services ask the table whether they may run, so the table cannot
    import them.
    """

    name: str
    target: str = "job"
    label: str
    """The text of its button."""
    service: str
    summary: str
    effect: str
    """The summary and the description in the API."""
    done: str
    """Shown after success."""
    states: Set[str]
    """The states of the target in which it is allowed."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What to do instead, by the state in which it is refused."""
    reason: Reason | None = None
    """A further condition, checked in the allowed states."""
    no_effect: Reason | None = None
    """Why it would change nothing: a request is accepted, but the button is disabled."""
    permission: str = CHANGE
    is_shown: Callable[[Any], bool] = lambda _: True
    """Whether its button is there: of two opposite verbs one is."""
    question: str = ""
    """Asked on the page before it is done."""
    is_destructive: bool = False
    arguments: tuple[Argument, ...] = ()
    has_page: bool = False
    """Whether a page with a form of its own replaces the button."""
    request: str = ""
    """Its HTTP request below the target's address, where that is not `POST /<name>`."""
    answers: tuple[int, ...] = (202,)
    """The HTTP status of success. Where there are two, 202 means that work goes on."""
    selection: Selection | None = None

    def refusal(self, target: Any) -> str | None:
        """Why it is refused for `target` now; None when it is allowed."""
        if target.status not in self.states:
            return f"The {self.target} is {target.status}. {self.hints.get(target.status, '')}".rstrip()
        return self.reason(target) if self.reason else None

    def perform(self, target: Any, *, actor: Any, data: Mapping[str, Any]) -> Any:
        """Call the service, with `data` where it takes any. May raise ServiceError."""
        body = {"data": data} if self.arguments or self.has_page else {}
        return import_string(f"tuning.services.{self.service}")(**{self.target: target}, actor=actor, **body)
