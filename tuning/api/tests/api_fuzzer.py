"""Generated requests to every operation of the OpenAPI description, and what is wrong with the answers.

Three users ask: one who may do everything, one who may do nothing, and nobody. Requests are valid and invalid ones of
schemathesis; where that makes valid ones too seldom, they get ids that exist and bodies that are right but for a field.
Operations are also called in the order in which one answer names what the next is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tunix.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FOR_EVERY_USER = ("/api/tokens",)
SAFE = ("GET", "HEAD", "OPTIONS")
STEPS = 8

Known = Callable[[], dict[str, list[Any]]]
"""Values of path parameters that exist now."""


def described() -> Any:
    """The OpenAPI description, without what it says about signing in: who asks is chosen here."""
    description = SchemaGenerator().get_schema(request=None, public=True)
    description["components"].pop("securitySchemes", None)
    for operations in description["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    return schema


@dataclass
class ApiFuzzer:
    """Asks, and remembers what was found. `users` maps a name to the headers and cookies of that user's requests."""

    users: dict[str, dict[str, Any]]
    known: Known
    bodies: Callable[[str], dict[str, Any] | None]
    cases: Counter[str] = field(default_factory=Counter)
    """By user and `operation status`."""
    found: dict[str, str] = field(default_factory=dict)
    """The first example of each fault."""

    def __post_init__(self) -> None:
        self.schema = described()
        self.operations = [result.ok() for result in self.schema.get_all_operations()]
        self.strategies = {
            operation.label: st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
            for operation in self.operations
        }

    @property
    def total(self) -> int:
        return sum(count for name, count in self.cases.items() if name.startswith("as "))

    def run(self, cases: int, seed: int, refresh: Callable[[], None]) -> None:
        """At least `cases` requests, in rounds. `refresh` makes new things to ask about, after those that use some up.

        In each round every operation is called by itself, then the operations in a row.
        """
        a_round = min(max(cases // len(self.operations), 5), 100)
        while self.total < cases:
            refresh()
            for operation in self.operations:
                self._ask_about(operation, a_round, seed)
                if operation.method.upper() not in SAFE:
                    refresh()
            self._ask_in_a_row(a_round, seed)
            seed += 1

    def _ask_about(self, operation: Any, examples: int, seed: int) -> None:
        known = self.known()

        @hypothesis.seed(seed)
        @_settings(examples)
        @hypothesis.given(data=st.data())
        def ask(data: Any) -> None:
            case = data.draw(self.strategies[operation.label])
            self._make_likely(case, known, data.draw)
            user = data.draw(st.sampled_from(["admin", "admin", "admin", "stranger", "nobody"]))
            self.judge(case, case.call(**self.users[user]), user)

        ask()

    def _make_likely(self, case: Any, known: dict[str, list[Any]], draw: Callable[[Any], Any]) -> None:
        """Most requests get ids that exist and no key used before; half of the bodies are right but for one field."""
        most = st.sampled_from([True, True, True, False])
        for name, values in known.items():
            if values and name in (case.path_parameters or {}) and draw(most):
                case.path_parameters[name] = draw(st.sampled_from(values))
        if case.headers and draw(most):
            case.headers.pop("Idempotency-Key", None)
        right = self.bodies(case.operation.label)
        if right is not None and isinstance(case.body, dict) and draw(st.booleans()):
            wrong = draw(st.sampled_from(sorted(map(str, case.body)))) if case.body and draw(st.booleans()) else None
            case.body = right | ({wrong: case.body[wrong]} if wrong in case.body else {})

    def _ask_in_a_row(self, examples: int, seed: int) -> None:
        fuzzer = self

        class InARow(self.schema.as_state_machine()):  # type: ignore[misc]
            def setup(self) -> None:
                """Each row begins with the same rows in the database: Hypothesis repeats what it has seen."""
                super().setup()
                self.asked = 0
                self.transaction = transaction.atomic()
                self.transaction.__enter__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.transaction.__exit__(None, None, None)
                super().teardown()

            def get_call_kwargs(self, case: Any) -> dict[str, Any]:
                self.asked += 1
                right = fuzzer.bodies(case.operation.label)
                if right is not None and self.asked % 2:
                    case.body = right
                return fuzzer.users["admin"]

            def validate_response(self, response: Any, case: Any, *more: Any, **options: Any) -> None:
                fuzzer.judge(case, response, "admin")

        with suppress(Flaky):  # an answer that differs ends these rows, not the others
            hypothesis.seed(seed)(InARow).run(settings=_settings(examples, stateful_step_count=STEPS))

    def judge(self, case: Any, response: Any, user: str) -> None:
        """Count the answer, and remember what is wrong with it."""
        self.cases[f"as {user}"] += 1
        self.cases["in a row"] += case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL
        self.cases[f"{case.operation.label} {response.status_code}"] += 1
        faults: list[Exception] = []
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            faults += group.exceptions
        except Failure as failure:
            faults.append(failure)
        told = [f"{type(fault).__name__}: {str(fault)[:600]}" for fault in faults]
        if leak := _leak(case, response, user):
            told.append(leak)
        for text in told:
            self.found.setdefault(
                f"{case.operation.label} {response.status_code} as {user}: {text.splitlines()[0]}",
                f"{text}\n{case.as_curl_command()[:1500]}\n{response.content[:300]!r}",
            )


def _leak(case: Any, response: Any, user: str) -> str:
    """What somebody was given who has no right to it; nobody is told 401, and a stranger 403."""
    if user == "admin" or response.status_code in (400, 404, 406, 413, 415):
        return ""
    if user == "nobody":
        return "" if response.status_code == 401 else "Leak: not told to sign in"
    allowed = case.path.startswith(FOR_EVERY_USER) or response.status_code == 403
    return "" if allowed else "Leak: given without a permission"


def _settings(examples: int, **more: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
