"""What `manage.py tune` says to somebody who made a mistake. Nothing is created."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tuning.models import TuningJob

from ...tests.factories import job_request

pytestmark = pytest.mark.django_db


def tune(path: object, *options: str) -> None:
    call_command("tune", path, *options)


def written(folder: Path, text: str, name: str = "job.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.json"):
        tune(tmp_path / "missing.json")


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"job\.json"):
        tune(written(tmp_path, '{"name": ', "job.json"))


def test_every_faulty_field_is_on_a_line_of_its_own(tmp_path: Path) -> None:
    request: dict[str, Any] = job_request(num_samples=0, metric_name="score")
    text = "\n".join(f"{key}: {value!r}" for key, value in request.items())

    with pytest.raises(CommandError) as refused:
        tune(written(tmp_path, text))

    lines = str(refused.value).splitlines()
    assert {line.split(":")[0].strip() for line in lines[1:]} == {"num_samples", "metric_name"}
    assert not TuningJob.objects.exists()


def test_neither_file_nor_job() -> None:
    with pytest.raises(CommandError, match="--resume"):
        call_command("tune")


@pytest.mark.parametrize("job", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_resuming_a_job_that_does_not_exist(job: str) -> None:
    with pytest.raises(CommandError, match=job):
        call_command("tune", "--resume", job)
