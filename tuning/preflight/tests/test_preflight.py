"""The check of a job: what would go wrong, told before anything runs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as project

from tuning.models import TuningJob
from tuning.preflight import Finding, Level, check_job
from tuning.services.jobs import create_job
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import train
from tunix.pipeline.judges.tests.judge_server import JudgeServer
from tunix.pipeline.models.promoted import hashes_of
from tunix.pipeline.tests.making import make_promoted
from tunix.runs.models import BaseModel

from ...analysis.tests.test_leakage import overlapping
from ...tests.factories import job_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def messages_as_files(settings: Any) -> None:
    settings.REDIS_URL, settings.BROKER_DIR = "", settings.ARTIFACTS_DIR / "broker"
    (settings.BROKER_DIR / "messages").mkdir(parents=True)


def job_of(**overrides: Any) -> TuningJob:
    return create_job(data=job_request(**overrides), owner=None)


def found(job: TuningJob, about: str) -> list[Finding]:
    return [finding for finding in check_job(job=job).findings if finding.about == about]


def level_of(job: TuningJob, about: str) -> Level:
    (finding,) = found(job, about)
    return finding.level


def message_of(job: TuningJob, about: str) -> str:
    (finding,) = found(job, about)
    return finding.message


def test_a_job_without_trouble_has_no_problem() -> None:
    preflight = check_job(job=job_of())

    assert [one.message for one in preflight.findings if one.level == Level.PROBLEM] == []
    assert {one.about for one in preflight.findings if one.level == Level.WARNING} == {"power"}  # three rows


def test_what_guards_need_is_looked_at() -> None:
    job = job_of(guards_json=[{"dataset": "few-rows", "split": "train", "max_drop": 0.1}])
    assert level_of(job, "guards_json[0].dataset") == level_of(job, "guards_json[0].judge") == Level.OK

    (job.dataset.folder / "train.jsonl").write_text("")
    assert level_of(job, "guards_json[0].dataset") == Level.PROBLEM


def test_a_dataset_of_a_guard_that_is_gone_is_named() -> None:
    job = job_of(guards_json=[{"dataset": "few-rows", "split": "train", "max_drop": 0.1}])
    job.guards_json[0]["dataset"] = "gone"

    assert "There is no dataset gone any more." in message_of(job, "guards_json[0].dataset")


def test_the_gravest_finding_is_the_level(settings: Any) -> None:
    job = job_of()
    assert check_job(job=job).level == Level.WARNING

    settings.MIN_FREE_BYTES = 1024**6
    assert check_job(job=job).level == Level.PROBLEM


def test_nothing_is_started() -> None:
    job = job_of()
    check_job(job=job)

    job.refresh_from_db()
    assert (job.status, job.events.count(), job.trials.count()) == ("created", 1, 0)


def test_rows_that_are_gone() -> None:
    job = job_of()
    (job.dataset.folder / "train.jsonl").unlink()

    assert level_of(job, "dataset_key") == Level.PROBLEM
    assert "Import them again" in message_of(job, "dataset_key")


def test_rows_that_are_not_those_that_were_imported() -> None:
    job = job_of()
    (job.dataset.folder / "test.jsonl").write_text('{"prompt": "a", "answer": "b"}\n')

    assert level_of(job, "dataset_key") == Level.PROBLEM
    assert "not those of version" in message_of(job, "dataset_key")


def test_files_too_large_to_read_now_are_left_to_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.preflight.inputs.MOST_HASHED", 1)

    assert "too large" in message_of(job_of(), "dataset_key")


def test_a_confirmation_without_test_rows() -> None:
    job = job_of(confirmation_json={"automatic": True})
    job.dataset.test_rows = 0

    assert level_of(job, "confirmation_json.automatic") == Level.PROBLEM


def test_a_winner_that_could_not_be_confirmed_afterwards_is_a_warning() -> None:
    job = job_of(dataset_key=overlapping(test=4).key)

    assert level_of(job, "confirmation_json.automatic") == Level.WARNING


def test_a_split_without_rows() -> None:
    job = job_of()
    job.dataset.validation_rows = 0

    assert level_of(job, "evaluation_json.split") == Level.PROBLEM


@pytest.mark.parametrize("metric", ["eval_loss", "eval_bpb"])
def test_a_loss_needs_validation_rows(metric: str) -> None:
    job = job_of(metric_name=metric, evaluation_json={"split": "test"})
    job.dataset.validation_rows = 0

    assert level_of(job, "metric_name") == Level.PROBLEM


def test_warnings_of_the_definition() -> None:
    assert level_of(job_of(metric_mode="min"), "metric_mode") == Level.WARNING


def test_a_base_model_whose_files_changed(settings: Any) -> None:
    base_model_id = make_promoted(settings.ARTIFACTS_DIR)
    BaseModel.objects.create(base_model_id=base_model_id, family="gemma3", parameters=9, path="models/mine/1")
    job = job_of(base_model_id=base_model_id)
    (settings.ARTIFACTS_DIR / "models" / "mine" / "1" / "weights.safetensors").write_bytes(b"others")

    assert level_of(job, "base_model_id") == Level.PROBLEM
    assert "changed since it was promoted: weights.safetensors" in message_of(job, "base_model_id")


def test_text_that_a_promoted_model_cannot_read(settings: Any) -> None:
    base_model_id = make_promoted(settings.ARTIFACTS_DIR)
    folder = settings.ARTIFACTS_DIR / "models" / "mine" / "1"
    (folder / "tokenizer.json").write_text(train([Row("train 1", "1")], 300).to_json())
    (folder / "lineage.json").write_text(json.dumps({"files": hashes_of(folder)}))
    BaseModel.objects.create(base_model_id=base_model_id, family="gemma3", parameters=9, path="models/mine/1")

    messages = [one.message for one in found(job_of(base_model_id=base_model_id), "base_model_id")]

    assert any("train rows, the tokenizer of promoted/mine@1 does not know" in text for text in messages)


def test_a_judge_that_is_not_set_up(judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(evaluation_json={"judge": "gemma"})
    assert "gemma-test" in message_of(job, "evaluation_json.judge")
    assert judge_server.asked == []

    monkeypatch.delenv("JUDGE_URL")
    assert level_of(job, "evaluation_json.judge") == Level.PROBLEM
    assert "Set JUDGE_URL" in message_of(job, "evaluation_json.judge")


def test_no_space(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6

    assert level_of(job_of(), "space") == Level.PROBLEM


def test_too_little_space_for_what_the_runs_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.preflight.means.free_bytes", lambda: project.MIN_FREE_BYTES + 1)

    assert level_of(job_of(), "space") == Level.WARNING


def test_a_broker_that_is_away(settings: Any) -> None:
    settings.BROKER_DIR = settings.ARTIFACTS_DIR / "nowhere"

    assert level_of(job_of(), "broker") == Level.WARNING


def test_a_broker_that_does_not_answer_is_not_named(settings: Any) -> None:
    settings.REDIS_URL = "redis://:a-password@127.0.0.1:1/0"

    assert message_of(job_of(), "broker").startswith("The message broker takes no messages: it does not answer. ")


def test_what_a_job_can_show() -> None:
    first, second = found(job_of(), "power")

    assert (first.level, second.level) == (Level.OK, Level.WARNING)
    assert "With 3 items" in first.message


def test_the_check_loads_neither_jax_nor_ray() -> None:
    code = (
        "import django, sys; django.setup(); import tuning.urls, tuning.api.urls, tuning.preflight;"
        "import tunix.pipeline.data.lengths, tunix.pipeline.models.tokenizer_of;"
        "print([name for name in ('jax', 'ray', 'scipy', 'httpx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project.BASE_DIR)

    assert done.stdout.strip() == "[]"
