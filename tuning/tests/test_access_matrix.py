"""The permission matrix: every address with every method against everybody. A new address needs a row in the table."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tuning.choices import EventKind
from tuning.models import TuningJob
from tunix.access.models import AuditEntry
from tunix.access.tests.factories import make_member
from tunix.access.tokens import make_token
from tunix.evaluation.models import Baseline
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.kept_exports import WAITING, write_export
from tunix.runs.tests.factories import make_generation

from .access_table import ADMIN_MODELS, METHODS, TABLE, Level, Row
from .factories import imported_dataset, make_base_model, make_job, make_trial

pytestmark = pytest.mark.django_db
ROLES = list(Level)
ADMIN_MODEL_VIEWS = tuple(f"admin:{model}_" for model in ADMIN_MODELS)


def patterns(found: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route that has a name, with its namespaces."""
    for pattern in found:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield namespace + pattern.name, pattern
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern.url_patterns, inner)


OF_A_RUN = {"evaluation:run-evaluate", "evaluation:baseline-new"}
ROUTES = dict(patterns(get_resolver().url_patterns))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal would be logged with its traceback."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def things() -> dict[str, Any]:
    """One of everything, so that who is let in finds something; by what the admin calls it."""
    dataset, job = imported_dataset(), make_job()
    trial = make_trial(job)
    write_export(trial.run, WAITING)
    other = get_user_model().objects.create_user("other")
    token, _ = make_token(user=other, name="his")
    job.add_event(EventKind.CREATED)
    logs = {"axes_accessattempt": AccessAttempt, "axes_accesslog": AccessLog, "axes_accessfailurelog": AccessFailureLog}
    more = {"axes_accessattempt": {"failures_since_start": 1}}
    return {
        "datasets_dataset": dataset,
        "runs_tunixrun": trial.run,
        "runs_basemodel": make_base_model(),
        "runs_generation": make_generation(trial.run),
        "evaluation_evaluation": make_evaluation(trial.run),
        "evaluation_baseline": Baseline.objects.create(name="b", dataset=dataset, judge="j", run=trial.run),
        "tuning_tuningjob": job,
        "tuning_tuningtrial": trial,
        "tuning_tuningevent": job.events.get(),
        "auth_user": other,
        "auth_group": Group.objects.get(name="viewer"),
        "access_authtoken": token,
        "access_auditentry": AuditEntry.objects.first(),
        **{name: model.objects.create(username="x", **more.get(name, {})) for name, model in logs.items()},
    }


def arguments(name: str, pattern: URLPattern, things: dict[str, Any], token: Any) -> dict[str, Any]:
    """What stands in the address: the things, and a token of who asks."""
    run, job = things["runs_tunixrun"].pk, things["tuning_tuningjob"].pk
    pages = {"tuning": job, "runs": run, "evaluation": things["evaluation_evaluation"].pk, "access": token.pk}
    known = {
        "pk": things["runs_generation"].pk
        if name == "runs:generation-cancel"
        else run
        if name in OF_A_RUN
        else pages.get(name.split(":")[0], job),
        "run_id": run,
        "job_id": job,
        "token_id": token.pk,
        "generation_id": things["runs_generation"].pk,
        "evaluation_id": things["evaluation_evaluation"].pk,
        "base_model_id": things["runs_basemodel"].base_model_id,
        "key": things["datasets_dataset"].key,
        "name": things["evaluation_baseline"].name,
        "number": 0,
        "id": things["auth_user"].pk,
        "app_label": "tuning",
        "content_type_id": ContentType.objects.get_for_model(TuningJob).pk,
    }
    thing = next(
        (thing for key, thing in things.items() if name.startswith(f"admin:{key}_")), things["tuning_tuningjob"]
    )
    names = list(pattern.pattern.converters or pattern.pattern.regex.groupindex)
    return {part: thing.pk if part == "object_id" else known[part] for part in names}


class Visitor:
    """Somebody of one level, who asks again and again and changes nothing."""

    def __init__(self, level: Level, things: dict[str, Any]) -> None:
        self.level, self.things, self.client = level, things, Client()
        self.token: Any = things["access_authtoken"]
        if level > Level.ANYONE:
            person = self.person(level)
            self.token, _ = make_token(user=person, name="mine")
            self.client.force_login(person)
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    @staticmethod
    def person(level: Level) -> Any:
        if level == Level.USER:
            return get_user_model().objects.create_user("nobody")
        return make_member(level.name.lower(), is_staff=level == Level.ADMIN)

    def address(self, name: str) -> str:
        address = reverse(name, kwargs=arguments(name, ROUTES[name], self.things, self.token))
        query = "?term=a&app_label=admin&model_name=logentry&field_name=user"
        return address + query if name == "admin:autocomplete" else address

    def ask(self, method: str, name: str) -> Any:
        self.client.cookies.load(self.cookies)
        with transaction.atomic():
            answer = self.client.generic(method, self.address(name), "{}", content_type="application/json")
            transaction.set_rollback(True)
        return answer


def outcome(answer: Any) -> str:
    """allowed, refused, or what should never come."""
    doors = (reverse("login") + "?next=", reverse("admin:login") + "?next=")
    if answer.status_code in {401, 403, 405} or (answer.status_code == 302 and answer.url.startswith(doors)):
        return "refused"
    is_not_ready = answer.status_code == 503 and answer.request["PATH_INFO"] == "/readyz"
    return "allowed" if is_not_ready or answer.status_code not in {404, 500, 501, 502, 503} else str(answer.status_code)


def methods_to_try(name: str, row: Row) -> Iterable[str]:
    """Doors have no secret. Django's admin knows POST and everything else, which it treats like GET."""
    if set(row.values()) == {Level.ANYONE}:
        return row
    return ["GET", "POST"] if name.startswith(ADMIN_MODEL_VIEWS) else METHODS


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(TABLE) == set(ROUTES), "Say in access_table.py who may use it."


@pytest.mark.parametrize("level", ROLES, ids=lambda level: level.name.lower())
def test_everybody_gets_what_the_table_says(level: Level, things: dict[str, Any]) -> None:
    visitor = Visitor(level, things)
    wrong = []
    for name, row in TABLE.items():
        for method in methods_to_try(name, row):
            expected = "allowed" if method in row and level >= row[method] else "refused"
            answer = visitor.ask(method, name)
            if outcome(answer) != expected:
                wrong.append(f"{method} {name}: {outcome(answer)}, {answer.status_code}, expected {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("level", [Level.ANYONE, Level.USER], ids=["anyone", "user"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_who_may_not_look_is_told_nothing(level: Level, method: str, things: dict[str, Any]) -> None:
    visitor = Visitor(level, things)
    closed = [name for name, row in TABLE.items() if all(level < needed for needed in row.values())]

    assert [name for name in closed if outcome(visitor.ask(method, name)) != "refused"] == []


@pytest.mark.parametrize("level", [Level.ANYONE, Level.USER], ids=["anyone", "user"])
def test_what_is_there_cannot_be_told_from_what_is_not(level: Level, things: dict[str, Any]) -> None:
    visitor = Visitor(level, things)
    for thing in ("tuning_tuningjob", "runs_tunixrun", "evaluation_evaluation"):
        things[thing].pk = uuid.UUID(int=7)
    closed = [name for name, row in TABLE.items() if level < row.get("GET", Level.ANYONE)]

    assert [name for name in closed if outcome(visitor.ask("GET", name)) != "refused"] == []
