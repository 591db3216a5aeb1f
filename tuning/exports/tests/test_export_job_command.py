"""manage.py export_job"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from django.core.management import CommandError, call_command
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from tuning.choices import JobStatus, TrialStatus
from tuning.models import TrialMetric, TuningJob

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("export_job", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def job() -> TuningJob:
    """A job with a trial in every state."""
    job = make_job(status=JobStatus.COMPLETED, metric_name="eval_loss", metric_mode="min")
    for value, status in enumerate(TrialStatus.values):
        make_trial(job, status=status, metric_value=1.0 + value if status == TrialStatus.COMPLETED else None)
    attempt = job.trials.get(status=TrialStatus.COMPLETED).attempts.get()
    TrialMetric.objects.create(attempt=attempt, step=5, name="eval_loss", value=4.0)
    return job


def storage_at(path: Path) -> Any:
    return JournalStorage(JournalFileBackend(str(path))) if path.suffix == ".log" else f"sqlite:///{path}"


@pytest.mark.parametrize("name", ["study.db", "study.log"])
def test_optuna_opens_what_is_written(job: TuningJob, tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert run(str(job.pk), "--format", "optuna", "--output", str(path)).startswith("6 trials")

    study = optuna.load_study(study_name=f"{job.name} {job.pk}", storage=storage_at(path))
    assert (study.direction.name, study.metric_names) == ("MINIMIZE", ["eval_loss"])
    assert [trial.state.name for trial in study.trials] == ["WAITING", "RUNNING", "COMPLETE", "PRUNED", "FAIL", "FAIL"]
    assert (study.best_trial.params, study.best_value) == ({"learning_rate": 0.003, "batch_size": 32}, 3.0)
    assert study.best_trial.intermediate_values == {5: 4.0}
    assert study.user_attrs["search_space_json"] == job.search_space_json


def test_json_and_csv_go_to_standard_output(job: TuningJob) -> None:
    assert json.loads(run(str(job.pk)))["job"]["name"] == job.name
    assert len(run(str(job.pk), "--format", "csv").splitlines()) == 7


def test_they_go_to_a_file_that_is_named(job: TuningJob, tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"

    run(str(job.pk), "--format", "csv", "--output", str(path))

    assert path.read_text().startswith("number,")


def test_nothing_is_overwritten(job: TuningJob, tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    path.write_text("mine")

    with pytest.raises(CommandError, match="there already"):
        run(str(job.pk), "--output", str(path))


def test_a_storage_needs_a_file(job: TuningJob) -> None:
    with pytest.raises(CommandError, match="--output"):
        run(str(job.pk), "--format", "optuna")


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_a_job_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(CommandError, match="no job"):
        run(name)
