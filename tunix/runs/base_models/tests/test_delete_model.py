"""Deleting a promoted model: by service, API, page and admin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tunix.access.models import AuditEntry
from tunix.access.tests.factories import make_member
from tunix.api.exceptions import Conflict
from tunix.pipeline.models.added import added_dir
from tunix.runs.base_models.deletion import delete_model, deletion_question
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.base_models.tests.added import make_added
from tunix.runs.choices import RunStatus
from tunix.runs.models import BaseModel
from tunix.runs.services import ensure_base_models
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db
ADDRESS = "/api/models/promoted/mine@1"


def promoted(**overrides: Any) -> BaseModel:
    data = {"name": "mine", "unconfirmed": True}
    return promote_single_run(run=make_promotable_run(**overrides), data=data, actor=None)


def test_row_and_folder_go(django_capture_on_commit_callbacks: Any) -> None:
    folder = promoted().folder()
    assert folder is not None
    with django_capture_on_commit_callbacks(execute=True):
        delete_model(model=BaseModel.objects.get(name="mine"), actor=None)
    assert (folder.exists(), BaseModel.objects.filter(name="mine").exists()) == (False, False)


def test_the_folder_stays_until_the_row_is_gone() -> None:
    folder = promoted().folder()
    delete_model(model=BaseModel.objects.get(name="mine"), actor=None)
    assert folder is not None and folder.is_dir()


def test_the_audit_trail_tells_who(user: Any) -> None:
    delete_model(model=promoted(), actor=user)
    entry = AuditEntry.objects.get(act="deleted")
    assert (entry.subject_kind, entry.subject, entry.actor_name) == ("base model", "promoted/mine@1", "ada")


def test_its_version_is_not_given_again() -> None:
    promoted()
    for number in (2, 3):
        model = promoted()
        assert model.base_model_id == f"promoted/mine@{number}"
        delete_model(model=model, actor=None)
    assert promoted().base_model_id == "promoted/mine@4"


def test_a_second_time_does_nothing() -> None:
    model = promoted()
    twin = BaseModel.objects.get(pk=model.pk)
    delete_model(model=model, actor=None)
    delete_model(model=twin, actor=None)
    assert AuditEntry.objects.filter(act="deleted").count() == 1


def test_a_built_in_one_stays() -> None:
    ensure_base_models()
    with pytest.raises(Conflict, match="built-in"):
        delete_model(model=BaseModel.objects.get(base_model_id="tiny-gemma3"), actor=None)


@pytest.mark.parametrize("status", [RunStatus.PENDING, RunStatus.RUNNING])
def test_a_run_at_work_keeps_it(status: str) -> None:
    model = promoted()
    run = make_run(base_model_id=model.base_model_id, status=status)
    with pytest.raises(Conflict, match=f"{run.run_id[:8]} starts from it and is {status}"):
        delete_model(model=model, actor=None)


def test_a_run_that_has_ended_lets_it_go() -> None:
    model = promoted()
    run = make_run(base_model_id=model.base_model_id)
    delete_model(model=model, actor=None)
    run.refresh_from_db()
    assert run.base_model_id == "promoted/mine@1"


def test_the_api_deletes_it(api: Any) -> None:
    promoted()
    assert api.delete(ADDRESS).status_code == 204
    assert api.get(ADDRESS).status_code == 404


def test_the_api_refuses_and_says_why(api: Any) -> None:
    make_run(base_model_id=promoted().base_model_id, status=RunStatus.RUNNING)
    answer = api.delete(ADDRESS)
    assert (answer.status_code, "cancel it" in answer.json()["detail"]) == (409, True)


def test_a_viewer_may_not(client: Client) -> None:
    model = promoted()
    client.force_login(make_member("viewer"))
    assert client.post(reverse("runs:model-delete", args=[model.base_model_id])).status_code == 403
    assert "You have no permission to delete models." in client.get(model.get_absolute_url()).content.decode()


def test_the_page_asks_first_and_leads_back_to_the_list(client: Client) -> None:
    model = promoted()
    client.force_login(make_member("operator"))
    assert "Delete the model and its folder?" in client.get(model.get_absolute_url()).content.decode()
    answer = client.post(reverse("runs:model-delete", args=[model.base_model_id]))
    assert (answer["Location"], BaseModel.objects.filter(pk=model.pk).exists()) == (reverse("runs:model-list"), False)


def test_the_page_of_a_built_in_one_has_no_such_button(web: Client) -> None:
    ensure_base_models()
    page = web.get(reverse("runs:model-detail", args=["tiny-gemma3"])).content.decode()
    assert "Delete" not in page


def test_the_admin_deletes_what_may_go(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("root"))
    models = [promoted(), BaseModel.objects.get(base_model_id="tiny-gemma3")]
    data = {"action": "delete_models", "_selected_action": [model.pk for model in models]}
    page = client.post(reverse("admin:runs_basemodel_changelist"), data, follow=True).content.decode()
    assert "1 deleted." in page and "Only promoted and added models can be deleted" in page
    assert not BaseModel.objects.filter(name="mine").exists()


def test_an_ancestor_that_is_gone_is_no_link(web: Client) -> None:
    parent = promoted()
    child = promote_single_run(
        run=make_promotable_run(base_model_id=parent.base_model_id),
        data={"name": "child", "unconfirmed": True},
        actor=None,
    )
    delete_model(model=parent, actor=None)
    page = web.get(child.get_absolute_url()).content.decode()
    assert "(deleted)" in page and parent.get_absolute_url() not in page


@pytest.mark.parametrize("copy", [False, True])
def test_an_added_model_goes_and_the_folder_of_the_user_stays(
    copy: bool, tmp_path: Path, artifacts_dir: Path, smoke_test: Any, django_capture_on_commit_callbacks: Any
) -> None:
    folder = tmp_path / "checkpoint"
    model = make_added(folder, copy=copy)
    with django_capture_on_commit_callbacks(execute=True):
        delete_model(model=model, actor=None)
    assert (folder / "model.safetensors").is_file()
    assert not added_dir(artifacts_dir, "mine").exists()


@pytest.mark.parametrize(("number", "said"), [(1, "1 completed run needs it"), (2, "2 completed runs need it")])
def test_the_question_counts_the_runs_that_need_the_folder(
    number: int, said: str, web: Client, tmp_path: Path, artifacts_dir: Path, smoke_test: Any
) -> None:
    model = make_added(tmp_path / "checkpoint")
    for _ in range(number):
        make_run(base_model_id="mine")
    make_run(base_model_id="mine", status=RunStatus.FAILED)
    assert f"{said} to answer, to be judged again" in web.get(model.get_absolute_url()).content.decode()


def test_runs_of_a_built_in_architecture_need_no_folder() -> None:
    model = promoted()
    make_run(base_model_id=model.base_model_id)
    assert "completed" not in deletion_question(model)


def test_an_added_model_with_an_unfinished_run_stays(tmp_path: Path, artifacts_dir: Path, smoke_test: Any) -> None:
    model = make_added(tmp_path / "checkpoint")
    make_run(base_model_id="mine", status=RunStatus.RUNNING)
    with pytest.raises(Conflict, match="starts from it and is running"):
        delete_model(model=model, actor=None)
