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


@pytest.mark.parametrize("name", ["study.db", "study.SQLite3", "study.log"])
def test_optuna_opens_what_is_written(job: TuningJob, tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert run(str(job.pk), "--format", "optuna", "--output", str(path)).startswith("6 trials")

    study = optuna.load_study(study_name=f"{job.name} {job.pk}", storage=storage_at(path))
    assert (study.direction.name, study.metric_names) == ("MINIMIZE", ["eval_loss"])
    assert [trial.state.name for trial in study.trials] == ["WAITING", "RUNNING", "COMPLETE", "PRUNED", "FAIL", "FAIL"]
    assert (study.best_trial.params, study.best_value) == ({"learning_rate": 0.003, "batch_size": 32}, 3.0)
    assert study.best_trial.intermediate_values == {5: 4.0}
    assert study.user_attrs["search_space_json"] == job.search_space_json


@pytest.mark.parametrize("name", ["which?.db", "a%20b#c.sqlite", "{it}.db"])
def test_study_is_written_to_no_other_file(job: TuningJob, tmp_path: Path, name: str) -> None:
    (tmp_path / "studies").mkdir()
    run(str(job.pk), "--output", str(tmp_path / "studies" / name))

    assert [path.name for path in (tmp_path / "studies").iterdir()] == [name]
    plain = (tmp_path / "studies" / name).rename(tmp_path / "plain.db")
    assert len(optuna.load_study(study_name=f"{job.name} {job.pk}", storage=storage_at(plain)).trials) == 6


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

    with pytest.raises(
        CommandError, match=r"trials\.csv cannot be written: it exists already, and nothing is overwritten\."
    ):
        run(str(job.pk), "--output", str(path))

    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["trials.csv", "job.json", "study.db", "study.log", "study.json"])
def test_name_of_the_file_chooses_the_format(job: TuningJob, tmp_path: Path, name: str) -> None:
    run(str(job.pk), "--output", str(tmp_path / name))

    begin = (tmp_path / name).read_bytes()[:30]
    assert begin.startswith(
        {"csv": b"number,", "json": b'{"id"', "db": b"SQLite", "log": b'{"op'}[name.rpartition(".")[2]]
    )


def test_study_may_be_written_as_json(job: TuningJob, tmp_path: Path) -> None:
    run(str(job.pk), "--format", "optuna", "--output", str(tmp_path / "study.json"))

    assert len(json.loads((tmp_path / "study.json").read_text())["trials"]) == 6


@pytest.mark.parametrize(
    ("format_", "name", "message"),
    [
        ("optuna", "study", "is not the name of a study: it must end in .db"),
        ("optuna", "study.txt", "is not the name of a study"),
        ("optuna", "study.csv", "is not the name of a study"),
        ("csv", "study.db", "is the name of a file of the format optuna, but --format is csv"),
        ("json", "trials.csv", "is the name of a file of the format csv, but --format is json"),
        ("csv", "trials.json", "is the name of a file of the format json, but --format is csv"),
    ],
)
def test_name_that_does_not_fit_the_format_is_refused(
    job: TuningJob, tmp_path: Path, format_: str, name: str, message: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run(str(job.pk), "--format", format_, "--output", str(tmp_path / name))

    assert message in str(refused.value)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/trials.csv", "there is no folder"),
        ("none/study.db", "there is no folder"),
        ("none/study.log", "there is no folder"),
        ("plain/job.json", "plain is a file, not a folder"),
        ("plain/study.db", "plain is a file, not a folder"),
        ("folder", "it is a folder, not a file"),
    ],
)
def test_file_that_cannot_be_written_is_named_with_the_reason(
    job: TuningJob, tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "plain").touch()
    (tmp_path / "folder").mkdir()

    with pytest.raises(CommandError) as refused:
        run(str(job.pk), "--output", str(tmp_path / name))

    assert str(refused.value).startswith(f"{tmp_path / name} cannot be written: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize("name", ["trials.csv", "study.db", "study.log"])
def test_nothing_is_left_of_a_file_that_could_not_be_finished(
    job: TuningJob, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tuning.exports.tables.trial_rows", full)

    with pytest.raises(CommandError, match="there is no space left on the disk"):
        run(str(job.pk), "--output", str(tmp_path / name))

    assert not list(tmp_path.glob(name))


def test_a_storage_needs_a_file(job: TuningJob) -> None:
    with pytest.raises(CommandError, match="--output"):
        run(str(job.pk), "--format", "optuna")


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_a_job_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(CommandError, match="no job"):
        run(name)
