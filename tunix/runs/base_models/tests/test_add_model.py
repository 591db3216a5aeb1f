"""Adding a folder: what is recorded, what is refused, and what a run can start from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tunix.access.models import AuditEntry
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.pipeline.models.added import added_dir
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import change_json, make_folder
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.base_models import addition, copying
from tunix.runs.base_models.addition import add_model, finish_addition
from tunix.runs.base_models.tests.added import PASSED, make_added
from tunix.runs.choices import SmokeTestStatus
from tunix.runs.models import SMOKE_TEST_LOST, BaseModel
from tunix.runs.services import base_model_hash, ensure_base_models, get_base_model
from tunix.work.json_process import MOST_SECONDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smoke_test")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "checkpoint", num_hidden_layers=1, torch_dtype="bfloat16")


def test_the_row_says_what_the_folder_contains(folder: Path, artifacts_dir: Path) -> None:
    model, inspected = make_added(folder), inspect_folder(folder)
    assert (model.source, model.family, model.parameters) == ("added", "llama3", inspected.parameters)
    assert (model.content_hash, model.license) == (inspected.content_hash, "apache-2.0 (README.md)")
    assert (model.details_json["dtype"], model.chat_template) == ("bfloat16", "{{ messages[0].content }}")
    assert (model.smoke_test_status, model.smoke_test_json) == (SmokeTestStatus.DONE, PASSED)


def test_a_run_finds_it_by_its_id(folder: Path, artifacts_dir: Path) -> None:
    make_added(folder)
    info = resolve_base_model("mine", artifacts_dir)
    assert (info.folder, info.content_hash) == (folder, base_model_hash("mine"))


def test_the_audit_trail_says_who(folder: Path, artifacts_dir: Path, user: Any) -> None:
    model = add_model(base_model_id="mine", folder=folder, actor=user)
    entry = AuditEntry.objects.get(act="created")
    assert (entry.subject_kind, entry.subject, entry.actor_name) == ("base model", "mine", "ada")
    assert model.owner == user


def test_a_license_that_is_named_wins(folder: Path, artifacts_dir: Path) -> None:
    assert make_added(folder, license="MIT").license == "MIT"


def test_every_fault_of_the_folder_is_named_by_file(folder: Path, artifacts_dir: Path) -> None:
    change_json(folder / "config.json", hidden_act="relu")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FolderError) as refused:
        add_model(base_model_id="mine", folder=folder, actor=None)
    assert set(refused.value.errors) == {"config.json", "tokenizer.json"}
    assert not BaseModel.objects.filter(base_model_id="mine").exists()


@pytest.mark.parametrize("base_model_id", ["promoted/mine@1", "Mine", "", ".hidden", "a" * 64, "mine\n", "../x"])
def test_a_name_that_is_no_plain_name_is_refused(base_model_id: str, folder: Path) -> None:
    with pytest.raises(InvalidInput, match="base_model_id: Must be 1 to 63"):
        add_model(base_model_id=base_model_id, folder=folder, actor=None)


@pytest.mark.parametrize("base_model_id", ["tiny-gemma3", "new"])
def test_a_reserved_name_is_refused(base_model_id: str, folder: Path) -> None:
    with pytest.raises(InvalidInput, match="is reserved"):
        add_model(base_model_id=base_model_id, folder=folder, actor=None)


def test_a_name_in_use_is_a_conflict(folder: Path, artifacts_dir: Path) -> None:
    make_added(folder)
    with pytest.raises(Conflict, match="There is a base model 'mine' already"):
        add_model(base_model_id="mine", folder=folder, actor=None)


def test_nothing_starts_from_a_model_whose_files_were_not_read(folder: Path, artifacts_dir: Path) -> None:
    add_model(base_model_id="mine", folder=folder, actor=None)
    with pytest.raises(InvalidInput, match="are still being read"):
        get_base_model("mine")


def test_a_folder_that_is_gone_stops_new_runs(folder: Path, artifacts_dir: Path) -> None:
    make_added(folder)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(InvalidInput, match="The folder of this added model is missing"):
        get_base_model("mine")


def test_files_that_cannot_be_read_are_said(folder: Path, artifacts_dir: Path) -> None:
    model = add_model(base_model_id="mine", folder=folder, actor=None)
    (folder / "model.safetensors").unlink()
    finish_addition(model)
    assert model.smoke_test_status == SmokeTestStatus.FAILED
    with pytest.raises(InvalidInput, match=r"could not be read: model\.safetensors: "):
        get_base_model("mine")


def test_a_failed_smoke_test_is_shown_and_deletes_nothing(
    folder: Path, artifacts_dir: Path, smoke_test: dict[str, Any]
) -> None:
    smoke_test.clear()
    smoke_test["error"] = "It does not speak."
    model = make_added(folder)
    assert (model.smoke_test_status, model.smoke_test_json) == ("failed", {"error": "It does not speak."})
    assert get_base_model("mine") == model


@pytest.mark.parametrize(("loss", "warned"), [(5.0, False), (8.6, True)])
def test_more_than_five_nats_a_token_are_a_warning(
    loss: float, warned: bool, folder: Path, artifacts_dir: Path, smoke_test: dict[str, Any]
) -> None:
    smoke_test["loss"] = loss
    assert any("nats per token" in warning for warning in make_added(folder).warnings) == warned


def test_a_repeated_smoke_test_notices_changed_files(folder: Path, artifacts_dir: Path) -> None:
    model = make_added(folder)
    change_json(folder / "config.json", rms_norm_eps=1e-5)
    assert "was changed since it was added" in finish_addition(model).smoke_test_json["error"]


def test_a_copy_needs_the_folder_no_more(folder: Path, artifacts_dir: Path) -> None:
    model = make_added(folder, copy=True)
    assert model.path == "base_models/mine/files"
    folder.rename(folder.with_name("elsewhere"))
    assert resolve_base_model("mine", artifacts_dir).content_hash == model.content_hash


def test_a_copy_survives_a_move_of_the_artifacts(folder: Path, artifacts_dir: Path, tmp_path: Path) -> None:
    model = make_added(folder, copy=True)
    moved = artifacts_dir.rename(tmp_path / "moved")
    assert resolve_base_model("mine", moved).content_hash == model.content_hash


def test_a_copy_has_license_and_card_and_no_other_weights(folder: Path, artifacts_dir: Path) -> None:
    (folder / "LICENSE").write_text("Apache")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    copied = {path.name for path in (artifacts_dir / make_added(folder, copy=True).path).iterdir()}
    assert {"LICENSE", "README.md", "model.safetensors", "tokenizer.json"} <= copied
    assert "pytorch_model.bin" not in copied


def test_a_copy_is_described_by_the_folder_that_it_was_made_of(folder: Path, artifacts_dir: Path) -> None:
    model = make_added(folder, copy=True)
    assert model.description.endswith("from the folder checkpoint.") and "folder" not in model.details_json


def test_a_refused_copy_leaves_no_files_and_touches_no_other(
    folder: Path, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_added(folder, copy=True)
    monkeypatch.setattr(addition, "_check_id", lambda base_model_id: None)  # the other one came a moment later
    with pytest.raises(Conflict, match="There is a base model 'mine' already"):
        add_model(base_model_id="mine", folder=folder, actor=None, copy=True)
    assert resolve_base_model("mine", artifacts_dir).content_hash == first.content_hash
    assert [path.name for path in (artifacts_dir / "base_models").iterdir()] == ["mine"]


def test_a_copy_that_fails_is_one_sentence(folder: Path, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise PermissionError(13, "Permission denied", "model.safetensors")

    monkeypatch.setattr(copying, "_copy", refuse)
    with pytest.raises(InvalidInput, match=r"cannot be copied: model\.safetensors: Permission denied"):
        add_model(base_model_id="mine", folder=folder, actor=None, copy=True)
    assert not any((artifacts_dir / "base_models").iterdir())
    assert not BaseModel.objects.filter(base_model_id="mine").exists()


def test_a_deleted_model_leaves_the_next_one_of_its_id_alone(folder: Path, artifacts_dir: Path) -> None:
    pending = add_model(base_model_id="mine", folder=folder, actor=None)
    BaseModel.objects.filter(pk=pending.pk).delete()
    other = make_added(folder.with_name("other"))
    finish_addition(pending)
    assert resolve_base_model("mine", artifacts_dir).folder == other.folder()


def test_any_exception_ends_the_smoke_test(folder: Path, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise RuntimeError("It broke.")

    monkeypatch.setattr(addition, "run_smoke_test", fail)
    model = make_added(folder)
    assert (model.smoke_test_status, model.smoke_test_json) == ("failed", {"error": "RuntimeError: It broke."})


def test_texts_that_postgresql_refuses_are_escaped(
    folder: Path, artifacts_dir: Path, smoke_test: dict[str, Any]
) -> None:
    smoke_test["continuation"] = " Par\0is\ud800"
    change_json(folder / "tokenizer_config.json", chat_template="{{ messages }}\0")
    model = make_added(folder)
    assert (model.smoke_test_json["continuation"], model.chat_template) == (r" Par\x00is\ud800", r"{{ messages }}\x00")


def test_a_lost_worker_does_not_keep_a_model_pending(folder: Path, artifacts_dir: Path) -> None:
    model = add_model(base_model_id="mine", folder=folder, actor=None)
    assert (model.smoke_test_state, model.smoke_test_result) == ("pending", {})
    BaseModel.objects.update(smoke_test_pending_since=timezone.now() - timedelta(seconds=MOST_SECONDS + 1))
    model.refresh_from_db()
    assert (model.smoke_test_state, model.smoke_test_result) == ("failed", {"error": SMOKE_TEST_LOST})
    with pytest.raises(InvalidInput, match="Run the smoke test again"):
        get_base_model("mine")


def test_a_model_that_was_deleted_meanwhile_leaves_no_files(folder: Path, artifacts_dir: Path) -> None:
    model = add_model(base_model_id="mine", folder=folder, actor=None)
    BaseModel.objects.filter(pk=model.pk).delete()
    finish_addition(model)
    assert not added_dir(artifacts_dir, "mine").exists()
    with pytest.raises(LookupError):
        resolve_base_model("mine", artifacts_dir)


def test_migrations_leave_added_models_alone(folder: Path, artifacts_dir: Path) -> None:
    model = make_added(folder)
    ensure_base_models()
    assert get_base_model("mine") == model


def test_damaged_weights_stop_a_run(folder: Path, artifacts_dir: Path) -> None:
    make_added(folder)
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(BaseModelError, match=r"changed since it was added: model\.safetensors"):
        resolve_base_model("mine", artifacts_dir)
