"""What `manage.py prune_artifacts` removes, and what it never does."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tuning.choices import AttemptOutcome, JobStatus, TrialKind, TrialStatus
from tuning.models import TuningJob, TuningTrial
from tuning.tests.factories import make_attempt, make_job, make_trial
from tunix.evaluation.models import Baseline
from tunix.evaluation.tests.factories import make_evaluation
from tunix.operations.pruning import removing
from tunix.pipeline.models.export.placing import new_folder
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.base_models.copying import copied
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import make_dataset, make_run
from tunix.work.orphans import scratch_dir

pytestmark = pytest.mark.django_db
LONG_AGO = 1_600_000_000


@pytest.fixture(autouse=True)
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of the machine's own is looked at."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))


def old(path: Path, content: str = "0123456789") -> Path:
    """A folder with one file of ten bytes, or with a suffix the file, written long ago."""
    file = path if path.suffix else path / "file"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    for changed in (file, *file.parents[:1]):
        os.utime(changed, (LONG_AGO, LONG_AGO))
    return path


def prune(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("prune_artifacts", "--json", *arguments, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def pruned(*arguments: str) -> list[str]:
    return [entry["path"] for entry in prune(*arguments)["removed"]]


def ended_job(**overrides: Any) -> TuningJob:
    job = make_job(status=JobStatus.COMPLETED, epoch=3, **overrides)
    TuningJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=40))
    return job


def old_checkpoint(trial: TuningTrial) -> Path:
    run = trial.run
    assert run is not None
    type(run).objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=40))
    old(run.work_dir() / "result.json")
    return old(run.work_dir() / "checkpoint")


@pytest.mark.parametrize("room", ["runs", "tuning", "datasets"])
@pytest.mark.parametrize("name", [str(uuid.UUID(int=7)), "whatever"])
def test_a_folder_without_a_row_goes(artifacts_dir: Path, room: str, name: str) -> None:
    stray = old(artifacts_dir / room / name)
    assert prune()["bytes"] == 10
    assert not stray.exists()


def test_folders_with_a_row_stay(artifacts_dir: Path) -> None:
    kept = [old(make_run().work_dir()), old(make_job().work_dir()), old(make_dataset("sums").folder)]
    assert pruned() == []
    assert all(path.exists() for path in kept)


def test_a_dry_run_only_lists(artifacts_dir: Path) -> None:
    stray = old(artifacts_dir / "runs" / "stray")
    answer = prune("--dry-run")
    assert (answer["dry_run"], answer["bytes"], [entry["path"] for entry in answer["removed"]]) == (
        True,
        10,
        ["runs/stray"],
    )
    assert (stray / "file").exists()


def test_lines_say_what_went_and_how_much(artifacts_dir: Path) -> None:
    old(artifacts_dir / "runs" / "stray")
    out = io.StringIO()
    call_command("prune_artifacts", stdout=out)
    assert "runs/stray" in out.getvalue()
    assert "1 removed, 10 bytes freed." in out.getvalue()


def test_what_was_written_lately_stays(artifacts_dir: Path) -> None:
    stray = old(artifacts_dir / "runs" / "stray")
    (stray / "deep").mkdir()
    (stray / "deep" / "fresh").write_text("a row may follow")
    assert pruned() == []
    assert pruned("--min-age-hours", "0") == ["runs/stray"]


def test_links_are_neither_followed_nor_removed(artifacts_dir: Path, tmp_path: Path) -> None:
    outside = old(tmp_path / "outside")
    (artifacts_dir / "runs").mkdir()
    (artifacts_dir / "runs" / "stray").symlink_to(outside)
    (artifacts_dir / "tuning").symlink_to(tmp_path)
    assert pruned("--min-age-hours", "0", "--caches") == []
    assert (outside / "file").exists()


def test_a_stray_that_contains_a_link_goes_without_what_it_leads_to(artifacts_dir: Path, tmp_path: Path) -> None:
    outside = old(tmp_path / "outside")
    stray = old(artifacts_dir / "runs" / "stray")
    (stray / "link").symlink_to(outside)
    assert pruned("--min-age-hours", "0") == ["runs/stray"]
    assert (outside / "file").exists()


def test_a_folder_that_became_a_link_meanwhile_is_refused(artifacts_dir: Path, tmp_path: Path) -> None:
    outside = old(tmp_path / "outside")
    (artifacts_dir / "runs").mkdir()
    link = artifacts_dir / "runs" / "stray"
    link.symlink_to(outside)
    with pytest.raises(removing.NotOurs):
        removing.remove(removing.Removable("stray", artifacts_dir, link, ""))


def test_evaluations_without_a_row_go(artifacts_dir: Path) -> None:
    run = make_run()
    kept = old(make_evaluation(run=run).work_dir())
    old(run.work_dir() / "evaluations" / str(uuid.UUID(int=7)))
    assert pruned() == [f"runs/{run.pk}/evaluations/{uuid.UUID(int=7)}"]
    assert kept.exists()


def test_temporary_files_go_but_not_those_of_live_work(artifacts_dir: Path) -> None:
    over, live = make_run(), make_run(status="running")
    for run in (over, live):
        old(run.work_dir() / ".result.json.123.tmp")
    assert pruned() == [f"runs/{over.pk}/.result.json.123.tmp"]


def test_an_import_that_was_killed_goes(artifacts_dir: Path) -> None:
    old(artifacts_dir / "datasets" / ".import-abc")
    assert pruned() == ["datasets/.import-abc"]


def test_what_is_left_of_earlier_epochs_goes(artifacts_dir: Path) -> None:
    job = ended_job()
    for epoch in (1, 3):
        old(job.work_dir() / "ray" / str(epoch))
        old(job.work_dir() / f"best.{epoch}.json")
    old(job.work_dir() / "best.json")
    assert pruned() == [f"tuning/{job.pk}/ray/1", f"tuning/{job.pk}/best.1.json"]


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
def test_earlier_epochs_of_a_live_job_stay(artifacts_dir: Path, status: JobStatus) -> None:
    job = make_job(status=status, epoch=3)
    old(job.work_dir() / "ray" / "1")
    assert pruned() == []


def test_a_losing_checkpoint_goes_after_its_days_and_the_rest_of_the_run_stays(artifacts_dir: Path) -> None:
    losing = make_trial(ended_job())
    checkpoint = old_checkpoint(losing)
    assert pruned() == pruned("--checkpoint-days", "50") == []
    assert pruned("--checkpoint-days", "30") == [f"runs/{losing.run_id}/checkpoint"]
    assert not checkpoint.exists()
    assert (checkpoint.parent / "result.json").exists()


def test_the_setting_is_the_default(artifacts_dir: Path, settings: Any) -> None:
    settings.CHECKPOINT_RETENTION_DAYS = 30
    losing = make_trial(ended_job())
    old_checkpoint(losing)
    assert pruned() == [f"runs/{losing.run_id}/checkpoint"]


def test_the_checkpoint_of_a_lost_execution_goes_too(artifacts_dir: Path) -> None:
    trial = make_trial(ended_job())
    TuningJob.objects.filter(pk=trial.job_id).update(best_run=trial.run)
    lost = make_attempt(trial, outcome=AttemptOutcome.LOST).run
    type(lost).objects.filter(pk=lost.pk).update(finished_at=timezone.now() - timedelta(days=40))
    old(lost.work_dir() / "checkpoint")
    assert pruned("--checkpoint-days", "30") == [f"runs/{lost.pk}/checkpoint"]


@pytest.mark.parametrize("why", ["best", "confirmed", "baseline", "kind", "live job", "judged again"])
def test_a_checkpoint_that_is_needed_stays(artifacts_dir: Path, why: str) -> None:
    trial = make_trial(ended_job())
    checkpoint = old_checkpoint(trial)
    jobs, run = TuningJob.objects.filter(pk=trial.job_id), trial.run
    match why:
        case "best":
            jobs.update(best_run=run)
        case "confirmed":
            jobs.update(confirmed_run=run)
        case "baseline":
            Baseline.objects.create(name="b", dataset=trial.job.dataset, judge="j", run=run)
        case "kind":
            TuningTrial.objects.update(kind=TrialKind.CONFIRMATION)
        case "live job":
            jobs.update(status=JobStatus.QUEUED)
        case "judged again":
            make_evaluation(run=run, status="pending", own_lease=True)
    assert pruned("--checkpoint-days", "30") == []
    assert checkpoint.exists()


def test_checkpoints_of_single_runs_stay(artifacts_dir: Path) -> None:
    run = make_run(finished_at=timezone.now() - timedelta(days=40))
    old(run.work_dir() / "checkpoint")
    assert pruned("--checkpoint-days", "1") == []


def test_caches_go_when_they_are_asked_for(artifacts_dir: Path) -> None:
    (artifacts_dir / "cache" / "xla").mkdir(parents=True)
    assert pruned() == []
    assert pruned("--caches") == ["cache/xla"]


def test_caches_stay_while_work_is_live(artifacts_dir: Path) -> None:
    (artifacts_dir / "cache" / "xla").mkdir(parents=True)
    make_trial(make_job(status=JobStatus.RUNNING), status=TrialStatus.RUNNING)
    assert pruned("--caches") == []


def test_scratch_of_an_epoch_that_is_over_goes(artifacts_dir: Path) -> None:
    job = make_job(status=JobStatus.RUNNING, epoch=2)
    over, now = old(scratch_dir(job.pk, 1)), old(scratch_dir(job.pk, 2))
    assert pruned() == [over.name]
    assert now.exists()


def test_scratch_of_another_installation_stays(artifacts_dir: Path) -> None:
    old(scratch_dir("feedface-0000", 1))
    assert pruned("--min-age-hours", "0") == []


def test_what_else_lies_there_stays(artifacts_dir: Path) -> None:
    old(artifacts_dir / "notes")
    old(artifacts_dir / "broker" / "messages")
    assert pruned("--min-age-hours", "0") == []


def test_what_cannot_be_removed_is_said(artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(removable: removing.Removable) -> None:
        raise PermissionError("not yours")

    old(artifacts_dir / "runs" / "stray")
    monkeypatch.setattr("tunix.operations.management.commands.prune_artifacts.remove", refuse)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 could not be removed"):
        call_command("prune_artifacts", stdout=out)
    assert "NOT REMOVED: not yours" in out.getvalue()


def test_a_folder_is_whole_or_gone(artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path) -> None:
        raise OSError("killed half way")

    stray = old(artifacts_dir / "runs" / "stray")
    with monkeypatch.context() as patched:
        patched.setattr(removing.shutil, "rmtree", killed)
        with pytest.raises(CommandError):
            call_command("prune_artifacts", stdout=io.StringIO())
    assert not stray.exists()
    assert pruned() == [f"runs/.stray.{os.getpid()}.tmp"]


def test_a_promotion_that_never_committed_goes(artifacts_dir: Path) -> None:
    old(artifacts_dir / "models" / "mine" / "1")
    old(artifacts_dir / "models" / "mine" / ".1a2b3c4d.77.tmp")
    assert pruned() == ["models/mine/1", "models/mine/.1a2b3c4d.77.tmp"]


def test_what_a_killed_export_or_fetch_left_goes(artifacts_dir: Path) -> None:
    whole = [old(artifacts_dir / "exports" / "a" / "merged"), old(artifacts_dir / "checkpoints" / "small")]
    with new_folder(artifacts_dir / "exports" / "a" / "adapter") as folder:
        left = [old(folder.with_name(folder.name.replace("adapter", "killed")) / "deep").parent]
    left.append(old(artifacts_dir / "checkpoints" / ".small.x7_k.77.tmp" / "deep").parent)
    shutil.rmtree(artifacts_dir / "exports" / "a" / "adapter")
    for path in left:
        os.utime(path, (LONG_AGO, LONG_AGO))

    assert pruned() == [str(path.relative_to(artifacts_dir)) for path in left]
    assert all(path.exists() for path in whole)


def test_what_a_killed_copy_of_a_model_left_goes(artifacts_dir: Path, tmp_path: Path) -> None:
    folder = inspect_folder(make_folder(tmp_path / "checkpoint", num_hidden_layers=1))
    with copied(folder, artifacts_dir / "base_models") as copy:
        left = copy.folder
    assert not left.exists()
    old(left)
    assert pruned() == [f"base_models/{left.name}"]


def test_an_added_model_without_a_row_goes_and_others_stay(artifacts_dir: Path) -> None:
    BaseModel.objects.create(base_model_id="mine", family="llama3", parameters=1, source="added")
    for name in ("mine", "lost"):
        old(artifacts_dir / "base_models" / name)
    old(artifacts_dir / "base_models" / "mine" / ".source.json.77.tmp")
    assert pruned() == ["base_models/lost", "base_models/mine/.source.json.77.tmp"]


def test_a_promoted_model_stays_when_its_run_is_gone(artifacts_dir: Path) -> None:
    run = make_promotable_run()
    model = promote_single_run(run=run, data={"name": "mine", "unconfirmed": True}, actor=None)
    TunixRun.objects.all().delete()
    for path in artifacts_dir.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert pruned("--checkpoint-days", "1") == [f"runs/{run.run_id}"]
    assert resolve_base_model(model.base_model_id, artifacts_dir).content_hash == model.content_hash
