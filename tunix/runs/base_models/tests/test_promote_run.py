"""Promotion of a run: the folder, the row, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.access.models import AuditEntry
from tunix.api.exceptions import Conflict, InvalidInput, NoSpace
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.base_models import promotion
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.services import build_spec, create_run, get_base_model
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import ASKED, make_dataset, make_run

pytestmark = pytest.mark.django_db


def promote(run: TunixRun, name: str = "mine", actor: Any = None, **more: Any) -> BaseModel:
    return promote_single_run(run=run, data={"name": name, "unconfirmed": True, **more}, actor=actor)


def lineage(model: BaseModel) -> dict[str, Any]:
    folder = model.folder()
    assert folder is not None
    content: dict[str, Any] = json.loads((folder / "lineage.json").read_text())
    return content


def test_the_folder_holds_all_that_a_worker_needs(artifacts_dir: Path) -> None:
    model = promote(make_promotable_run())
    info = resolve_base_model("promoted/mine@1", artifacts_dir)
    assert (info.folder, info.content_hash, info.parameters) == (model.folder(), model.content_hash, 66_000)
    assert {path.name for path in artifacts_dir.glob("models/mine/1/*")} == {
        "weights.safetensors",
        "tokenizer.json",
        "config.json",
        "lineage.json",
        "README.md",
    }


def test_the_row_is_a_promoted_one_of_the_actor(user: Any) -> None:
    run = make_promotable_run(project="nlp")
    model = promote(run, actor=user)
    assert (model.source, model.family, model.run, model.owner, model.project) == (
        "promoted",
        "gemma3",
        run,
        user,
        "nlp",
    )


def test_versions_of_a_name_count_up() -> None:
    ids = [promote(make_promotable_run(), name).base_model_id for name in ("mine", "mine", "other", "mine")]
    assert ids == ["promoted/mine@1", "promoted/mine@2", "promoted/other@1", "promoted/mine@3"]


def test_lineage_tells_run_data_score_and_base_model() -> None:
    run = make_promotable_run()
    told = lineage(promote(run))
    assert told["run"]["run_id"] == run.run_id
    assert told["dataset"] == {"key": "sums", "version": "0" * 64}
    assert (told["score"]["score_mean"], told["score"]["judge_version"]) == (0.5, "1")
    assert told["ancestors"] == [
        {"base_model_id": "tiny-gemma3", "content_hash": get_base_model("tiny-gemma3").content_hash}
    ]


def test_file_and_row_tell_the_same() -> None:
    model = promote(make_promotable_run())
    assert lineage(model) == model.lineage_json


def test_a_child_names_its_parent_and_what_was_before() -> None:
    first = make_promotable_run()
    parent = promote(first)
    child = promote(make_promotable_run(base_model_id=parent.base_model_id), "child")
    ancestors = child.lineage_json["ancestors"]
    assert [model["base_model_id"] for model in ancestors] == ["promoted/mine@1", "tiny-gemma3"]
    assert (ancestors[0]["content_hash"], ancestors[0]["run_id"]) == (parent.content_hash, first.run_id)


def test_a_spec_from_it_names_its_hash() -> None:
    model = promote(make_promotable_run())
    spec = build_spec(
        run_id="x", dataset=make_dataset(), base_model_id="promoted/mine@1", hyperparameters={}, evaluation={}
    )
    assert spec.base_model_hash == model.content_hash


def test_a_run_can_be_asked_for_from_it() -> None:
    promote(make_promotable_run())
    assert create_run(data=ASKED | {"base_model_id": "promoted/mine@1"}, owner=None).status == "pending"


def test_no_run_starts_from_one_whose_folder_is_gone(artifacts_dir: Path) -> None:
    promote(make_promotable_run())
    (artifacts_dir / "models").rename(artifacts_dir / "elsewhere")
    with pytest.raises(InvalidInput) as caught:
        create_run(data=ASKED | {"base_model_id": "promoted/mine@1"}, owner=None)
    assert caught.value.errors == {"base_model_id": ["The folder of this promoted model is missing."]}


def test_it_outlives_its_run(artifacts_dir: Path) -> None:
    run = make_promotable_run()
    model = promote(run)
    run.delete()
    model.refresh_from_db()
    assert model.run is None
    assert resolve_base_model("promoted/mine@1", artifacts_dir).content_hash == model.content_hash


def test_the_audit_trail_tells_who(user: Any) -> None:
    promote(make_promotable_run(), actor=user)
    entry = AuditEntry.objects.get(subject_kind="base model")
    assert (entry.act, entry.actor, entry.subject) == ("created", user, "promoted/mine@1")


def test_the_same_run_under_the_same_name_is_one_model() -> None:
    run = make_promotable_run()
    promote(run)
    with pytest.raises(Conflict, match="This run is already promoted to promoted/mine@1"):
        promote(run)


def test_the_same_run_may_have_two_names() -> None:
    run = make_promotable_run()
    assert promote(run).content_hash == promote(run, "other").content_hash


def test_that_nobody_confirmed_it_has_to_be_said() -> None:
    with pytest.raises(Conflict, match='Set "unconfirmed": true'):
        promote_single_run(run=make_promotable_run(), data={"name": "mine"}, actor=None)


def test_a_trials_run_is_promoted_from_its_job() -> None:
    with pytest.raises(Conflict, match="Promote it from its tuning job"):
        promote(make_promotable_run(origin=RunOrigin.TRIAL))


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELED])
def test_only_a_completed_run_is_promoted(status: RunStatus) -> None:
    with pytest.raises(Conflict, match=f"this one is {status}"):
        promote(make_run(status=status))


@pytest.mark.parametrize("name", ["", "Mine", "../x", "a/b", "a@1", "-a", "a" * 64, None, 3])
def test_a_name_is_plain(name: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        promote(make_run(), name)
    assert set(caught.value.errors) == {"name"}


@pytest.mark.parametrize(("more", "path"), [({"unconfirmed": 1}, "unconfirmed"), ({"nmae": "x"}, "nmae")])
def test_a_fault_is_named_by_its_path(more: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        promote(make_run(), **more)
    assert set(caught.value.errors) == {path}


def test_a_checkpoint_that_is_gone_is_said(artifacts_dir: Path) -> None:
    run = make_promotable_run()
    (run.work_dir() / "checkpoint" / "weights.safetensors").unlink()
    with pytest.raises(Conflict, match="checkpoint is missing"):
        promote(run)
    assert (BaseModel.objects.filter(source="promoted").count(), list(artifacts_dir.glob("models/*/.*"))) == (0, [])


@pytest.mark.parametrize("file", ["weights.safetensors", "tokenizer.json", "model.json"])
def test_a_checkpoint_that_changed_is_refused(file: str, artifacts_dir: Path) -> None:
    run = make_promotable_run()
    (run.work_dir() / "checkpoint" / file).write_text("something else")
    with pytest.raises(Conflict, match=f"checkpoint was changed: {file}"):
        promote(run)
    assert list(artifacts_dir.glob("models/mine/*")) == []


def test_a_checkpoint_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    run = make_promotable_run()
    weights = run.work_dir() / "checkpoint" / "weights.safetensors"
    weights.rename(tmp_path / "outside")
    weights.symlink_to(tmp_path / "outside")
    with pytest.raises(Conflict, match="checkpoint is missing"):
        promote(run)


def test_a_result_that_is_not_the_recorded_one_is_refused() -> None:
    run = make_promotable_run()
    run.result_hash = "0" * 64
    with pytest.raises(Conflict, match="not the recorded one"):
        promote(run)


def test_what_a_promotion_left_that_never_committed_makes_way(artifacts_dir: Path) -> None:
    (artifacts_dir / "models" / "mine" / "1" / "stray").mkdir(parents=True)
    promote(make_promotable_run())
    assert resolve_base_model("promoted/mine@1", artifacts_dir).source == "promoted"


def test_what_cannot_be_told_leaves_no_model(artifacts_dir: Path) -> None:
    def refuse(model: BaseModel) -> None:
        raise RuntimeError("no")

    origin = {"confirmed": False, "verdict": ""}
    with pytest.raises(RuntimeError):
        promotion.promote_run(run=make_promotable_run(), name="mine", actor=None, origin=origin, also=refuse)
    assert not BaseModel.objects.filter(source="promoted").exists()
    assert list(artifacts_dir.glob("models/mine/*")) == []


def test_a_full_disk_is_said(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 2**62
    with pytest.raises(NoSpace):
        promote(make_promotable_run())
