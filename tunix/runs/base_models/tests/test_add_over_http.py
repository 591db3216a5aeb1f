"""Adding a folder over the API and on the page: only inside MODEL_ROOTS, and read by a worker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tunix.access.tests.factories import make_member
from tunix.pipeline.models.pretrained.tests.tiny import change_json, make_folder
from tunix.runs.base_models.addition import TASK
from tunix.runs.base_models.tests.added import make_added
from tunix.runs.models import BaseModel
from tunix.runs.tasks import read_added_model
from tunix.work.json_process import MOST_SECONDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smoke_test", "artifacts_dir")]
FORM = {"base_model_id": "mine", "folder": "checkpoint", "license": "", "project": "default"}


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """The only root, with one folder `checkpoint`."""
    root = tmp_path / "models"
    make_folder(root / "checkpoint", num_hidden_layers=1)
    settings.MODEL_ROOTS = [root]
    return root


def post(api: Any, folder: Any, **more: Any) -> Any:
    return api.post("/api/models", {"base_model_id": "mine", "folder": str(folder), **more})


def test_the_api_answers_with_the_model_and_its_address(api: Any, root: Path) -> None:
    answer = post(api, root / "checkpoint", project="maths")
    assert (answer.status_code, answer.data["source"], answer.data["owner"]) == (201, "added", "ada")
    assert (answer.data["smoke_test_status"], answer.data["project"]) == ("pending", "maths")
    assert api.get(answer["Location"]).data == answer.data


def test_a_relative_folder_is_looked_for_in_the_roots(api: Any, root: Path) -> None:
    assert post(api, "checkpoint").data["path"] == str(root / "checkpoint")


def test_a_worker_reads_the_files(
    api: Any, root: Path, sent_tasks: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post(api, "checkpoint")
    model = BaseModel.objects.get(base_model_id="mine")
    assert sent_tasks == [(TASK, [model.pk])]
    read_added_model(model.pk)
    answer = api.get("/api/models/mine").data
    assert (len(answer["content_hash"]), answer["smoke_test"]["continuation"]) == (64, " Paris.")


def test_the_task_of_a_deleted_model_does_nothing() -> None:
    read_added_model(123456)


def test_without_roots_the_answer_names_the_setting_and_the_command(api: Any, root: Path, settings: Any) -> None:
    settings.MODEL_ROOTS = []
    answer = post(api, root / "checkpoint")
    assert answer.status_code == 400
    assert "MODEL_ROOTS is not set" in answer.json()["errors"]["folder"][0]
    assert "manage.py add_model" in answer.json()["errors"]["folder"][0]


@pytest.mark.parametrize("folder", ["../outside", "/etc", "{root}/../outside", "link", "a\0b", "/"])
def test_a_folder_outside_the_roots_is_refused(folder: str, api: Any, root: Path) -> None:
    make_folder(root.parent / "outside", num_hidden_layers=1)
    (root / "link").symlink_to(root.parent / "outside")
    answer = post(api, folder.format(root=root))
    assert answer.status_code == 400
    assert not BaseModel.objects.filter(source="added").exists()


def test_that_a_folder_outside_exists_is_not_said(api: Any, root: Path) -> None:
    texts = [post(api, folder).json()["errors"]["folder"] for folder in ("/etc", "/nowhere")]
    assert texts[0] == texts[1]


def test_a_missing_folder_inside_is_said(api: Any, root: Path) -> None:
    assert "There is no such folder" in post(api, "nothing").json()["errors"]["folder"][0]


def test_faults_of_the_folder_are_named_by_file(api: Any, root: Path) -> None:
    change_json(root / "checkpoint" / "config.json", model_type="phi3")
    answer = post(api, "checkpoint")
    assert answer.status_code == 400
    assert "'phi3' is not supported" in answer.json()["errors"]["folder.config.json"][0]


def test_a_name_in_use_is_a_conflict(api: Any, root: Path) -> None:
    post(api, "checkpoint")
    assert post(api, "checkpoint").status_code == 409


def test_a_viewer_may_not_add(viewer: Any, api: Any, root: Path) -> None:
    api.force_authenticate(viewer)
    assert post(api, "checkpoint").status_code == 403


def test_the_smoke_test_runs_again_on_request(
    api: Any, tmp_path: Path, sent_tasks: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    model = make_added(tmp_path / "checkpoint")
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/api/models/mine/smoke_test")
    assert (answer.status_code, answer.data["smoke_test_status"], sent_tasks) == (202, "pending", [(TASK, [model.pk])])


def test_a_pending_smoke_test_is_not_queued_again(api: Any, root: Path) -> None:
    post(api, "checkpoint")
    answer = api.post("/api/models/mine/smoke_test")
    assert (answer.status_code, "Wait for its result" in answer.json()["detail"]) == (409, True)


def test_a_lost_smoke_test_ends_the_polling_and_may_run_again(api: Any, web: Client, root: Path) -> None:
    post(api, "checkpoint")
    BaseModel.objects.update(smoke_test_pending_since=timezone.now() - timedelta(seconds=MOST_SECONDS + 1))
    assert web.get(reverse("runs:model-smoke-test-progress", args=["mine"])).status_code == 286
    assert api.get("/api/models/mine").data["smoke_test_status"] == "failed"
    assert api.post("/api/models/mine/smoke_test").data["smoke_test_status"] == "pending"


def test_the_readme_of_an_added_folder_is_no_model_card(api: Any, tmp_path: Path) -> None:
    make_added(tmp_path / "checkpoint")
    assert (tmp_path / "checkpoint" / "README.md").is_file()
    assert api.get("/api/models/mine").data["model_card"] == ""


def test_a_built_in_model_has_no_smoke_test(api: Any) -> None:
    assert api.post("/api/models/tiny-gemma3/smoke_test").status_code == 409


def test_a_broker_that_is_down_is_said(
    api: Any, root: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("celery.current_app.send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        post(api, "checkpoint")
    assert "No worker could be reached" in api.get("/api/models/mine").data["smoke_test"]["error"]


def test_the_form_offers_the_folders_of_the_roots(web: Client, root: Path) -> None:
    assert f'<option value="{root / "checkpoint"}">' in web.get(reverse("runs:model-new")).content.decode()


def test_the_form_says_that_roots_are_missing(web: Client) -> None:
    assert "MODEL_ROOTS is not set" in web.get(reverse("runs:model-new")).content.decode()


def test_the_form_adds_a_folder(web: Client, root: Path) -> None:
    answer = web.post(reverse("runs:model-new"), FORM, follow=True)
    assert answer.redirect_chain == [("/models/mine/", 302)]
    assert "A worker reads the files" in answer.content.decode()


def test_the_form_shows_faults_of_files_at_the_folder(web: Client, root: Path) -> None:
    (root / "checkpoint" / "tokenizer.json").unlink()
    form = web.post(reverse("runs:model-new"), FORM).context["form"]
    assert form.errors["folder"][0].startswith("tokenizer.json: The file is missing.")


def test_the_list_has_a_button_for_those_who_may_add(web: Client, client: Client, viewer: Any) -> None:
    address = reverse("runs:model-new")
    assert address in web.get(reverse("runs:model-list")).content.decode()
    client.force_login(make_member("viewer"))
    assert address not in client.get(reverse("runs:model-list")).content.decode()


def test_the_list_shows_license_type_and_size(web: Client, tmp_path: Path) -> None:
    make_added(tmp_path / "checkpoint", license="MIT")
    text = web.get(reverse("runs:model-list")).content.decode()
    assert all(part in text for part in ("MIT", "float32", "KiB"))


def test_the_page_shows_the_folder_and_the_smoke_test(web: Client, tmp_path: Path) -> None:
    text = web.get(make_added(tmp_path / "checkpoint").get_absolute_url()).content.decode()
    for part in ("The capital of France is<b> Paris.</b>", "3.25", "BPE, 48 tokens", "{{ messages[0].content }}"):
        assert part in text


def test_the_page_warns_of_a_large_loss(web: Client, tmp_path: Path, smoke_test: dict[str, Any]) -> None:
    smoke_test["loss"] = 8.6
    assert "8.6 nats per token" in web.get(make_added(tmp_path / "checkpoint").get_absolute_url()).content.decode()


@pytest.mark.parametrize(("status", "code"), [("pending", 200), ("done", 286)])
def test_polling_ends_with_the_smoke_test(status: str, code: int, web: Client, tmp_path: Path) -> None:
    make_added(tmp_path / "checkpoint")
    BaseModel.objects.filter(base_model_id="mine").update(smoke_test_status=status)
    assert web.get(reverse("runs:model-smoke-test-progress", args=["mine"])).status_code == code
