"""`Idempotency-Key`: the same key replays the first answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from tunix.api.models import KeptAnswer

from .uploads import post_dataset, rows_file

SERVICE = "tunix.datasets.uploads.import_dataset"


def test_same_request_replays_the_answer(api: Any) -> None:
    first, again = (post_dataset(api, idempotency_key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"


def test_without_a_key_nothing_is_kept(api: Any) -> None:
    post_dataset(api)
    assert not KeptAnswer.objects.exists()


def test_same_key_with_other_fields(api: Any) -> None:
    post_dataset(api, idempotency_key="k1")
    answer = post_dataset(api, key="other", idempotency_key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_same_key_with_another_file(api: Any) -> None:
    post_dataset(api, idempotency_key="k1")
    assert post_dataset(api, train=rows_file(5), idempotency_key="k1").status_code == 422


def test_same_key_of_another_user(api: Any) -> None:
    post_dataset(api, idempotency_key="k1")
    other = APIClient()
    other.force_authenticate(get_user_model().objects.create_superuser("eve"))
    assert post_dataset(other, key="other", idempotency_key="k1").status_code == 201


def test_refusals_are_replayed(api: Any) -> None:
    first, again = (post_dataset(api, key="UPPER", idempotency_key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (400, 400)
    assert again["Content-Type"] == "application/problem+json"


def test_request_that_is_still_at_work(api: Any, user: Any) -> None:
    post_dataset(api, idempotency_key="k1")
    KeptAnswer.objects.update(status=0)
    answer = post_dataset(api, idempotency_key="k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")


def test_fault_of_the_server_is_tried_anew(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**arguments: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(SERVICE, fail)
        with pytest.raises(RuntimeError):
            post_dataset(api, idempotency_key="k1")
    assert post_dataset(api, idempotency_key="k1").status_code == 201


def test_long_key(api: Any) -> None:
    assert post_dataset(api, idempotency_key="k" * 201).status_code == 400


def test_anonymous_keeps_nothing(db: None) -> None:
    assert post_dataset(APIClient(), idempotency_key="k1").status_code == 401
    assert not KeptAnswer.objects.exists()


def test_request_whose_process_died_may_be_sent_again(api: Any, user: Any) -> None:
    KeptAnswer.objects.create(user=user, key="k", request_hash="0" * 64)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert post_dataset(api, idempotency_key="k").status_code == 201


def test_replay_says_where_the_object_lies(api: Any) -> None:
    first, second = post_dataset(api, idempotency_key="k"), post_dataset(api, idempotency_key="k")
    assert second.headers.get("Location") == first.headers.get("Location")


def test_nul_in_the_name_of_a_form_field_is_refused_and_its_answer_is_kept(api: Any) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="a\x00b"\r\n\r\n1\r\n--x--\r\n'
    sent = {"content_type": "multipart/form-data; boundary=x", "headers": {"Idempotency-Key": "nul"}}
    answers = [api.generic("POST", "/api/datasets", part, **sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert not KeptAnswer.objects.filter(body__icontains="\\u0000").exists()
