"""Who did what to runs, evaluations, datasets and tokens."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tunix.access.models import AuditEntry
from tunix.access.tokens import make_token, revoke_tokens
from tunix.datasets.importing import Source
from tunix.datasets.services import ensure_builtin_datasets, import_dataset
from tunix.evaluation.services import cancel_evaluation, evaluate_run
from tunix.runs.services import cancel_run, create_run
from tunix.runs.tests.factories import make_run

from .factories import imported_dataset, make_base_model

pytestmark = pytest.mark.django_db


def trail() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.order_by("id").exclude(actor_name="")
    return list(rows.values_list("actor_name", "act", "subject_kind"))


def run_of(user: Any) -> Any:
    data = {"dataset_key": imported_dataset().key, "base_model_id": make_base_model().base_model_id, "name": "mine"}
    return create_run(data=data, owner=user)


def test_a_run_is_created_and_canceled_once(user: Any) -> None:
    run = run_of(user)
    for _ in range(2):
        cancel_run(run=run, actor=user)

    assert trail() == [("ada", "created", "run"), ("ada", "canceled", "run")]


def test_an_evaluation_is_created_and_canceled(user: Any) -> None:
    run = make_run(status="completed", dataset=imported_dataset())
    evaluation = evaluate_run(run=run, data={"split": "test"}, actor=user)
    cancel_evaluation(evaluation=evaluation, actor=user)

    assert trail() == [("ada", "created", "evaluation"), ("ada", "canceled", "evaluation")]


def test_a_data_set_is_imported_once(user: Any) -> None:
    rows = "\n".join(f'{{"prompt": "{n}", "answer": "x"}}' for n in range(40)).encode()
    for _ in range(2):
        import_dataset(key="mine", sources={"file": Source.from_bytes("a.jsonl", rows)}, owner=user)

    assert trail() == [("ada", "imported", "data set")]


def test_what_is_built_in_was_imported_by_nobody() -> None:
    ensure_builtin_datasets()

    assert not AuditEntry.objects.exists()


def test_a_token_is_made_and_revoked(user: Any, viewer: Any) -> None:
    token, key = make_token(user=viewer, name="mine")
    revoke_tokens(type(token).objects.filter(pk=token.pk), actor=user)

    assert trail() == [("bob", "token_made", "token"), ("ada", "token_revoked", "token")]
    assert all(key not in entry.subject for entry in AuditEntry.objects.all())


def test_the_api_and_the_page_show_it(api: APIClient, web: Client, user: Any) -> None:
    make_token(user=user, name="<i>mine</i>")

    (row,) = api.get("/api/audit", {"actor": "ada", "subject_kind": "token"}).data["results"]
    assert (row["act"], row["subject"][:11]) == ("token_made", "<i>mine</i>")
    assert "&lt;i&gt;mine" in web.get("/audit/others/").content.decode()
