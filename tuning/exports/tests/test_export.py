"""GET /api/tuning/jobs/{id}/export: CSV, JSON, and a study of Optuna's."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tuning.choices import JobStatus, TrialKind, TrialStatus
from tuning.models import TrialMetric, TuningJob, TuningTrial
from tunix.runs.services import ensure_base_models

from ...tests.factories import imported_dataset, job_request, make_job, make_trial

CONDITIONAL = {
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "beta1": {"type": "uniform", "min": 0.5, "max": 0.9, "when": {"optimizer": ["sgd"]}},
}

pytestmark = pytest.mark.django_db


def body(api: APIClient, job: TuningJob, export: str) -> str:
    answer = api.get(f"/api/tuning/jobs/{job.pk}/export?format={export}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def lines(api: APIClient, job: TuningJob) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(api, job, "csv"))))


def study(api: APIClient, job: TuningJob) -> Any:
    return json.loads(body(api, job, "optuna"))


def finished_job(**overrides: Any) -> TuningJob:
    return make_job(**{"status": JobStatus.COMPLETED} | overrides)


def test_csv_has_a_line_for_every_trial(api: APIClient) -> None:
    job = finished_job()
    make_trial(job, params_json={"learning_rate": 0.01, "batch_size": 16}, metric_value=0.75)
    make_trial(job, status=TrialStatus.FAILED, reason="diverged")

    first, second = lines(api, job)

    assert (first["number"], first["params.learning_rate"], first["metric_value"]) == ("0", "0.01", "0.75")
    assert (first["metric_name"], first["attempts"], first["metrics.eval_loss"]) == ("score_mean", "1", "1.25")
    assert (second["status"], second["reason"], second["metric_value"]) == ("failed", "diverged", "")


def test_a_parameter_that_a_trial_lacks_is_an_empty_cell(api: APIClient) -> None:
    job = finished_job(search_space_json=CONDITIONAL)
    make_trial(job, params_json={"optimizer": "adamw"})
    make_trial(job, params_json={"optimizer": "sgd", "beta1": 0.6})

    assert [line["params.beta1"] for line in lines(api, job)] == ["", "0.6"]


def test_no_spreadsheet_runs_what_somebody_wrote(api: APIClient) -> None:
    job = finished_job()
    make_trial(job, params_json={"optimizer": "=cmd|' /C calc'!A0"}, error="@SUM(1)", excluded_reason="-2+3")

    (line,) = lines(api, job)

    assert (line["params.optimizer"][:2], line["error"], line["excluded_reason"]) == ("'=", "'@SUM(1)", "'-2+3")


def test_a_job_without_trials_exports_its_header(api: APIClient) -> None:
    assert body(api, finished_job(), "csv").startswith("number,kind,status,metric_name,metric_value,")


def test_json_creates_the_same_job_again(api: APIClient) -> None:
    ensure_base_models()
    imported_dataset()
    created = api.post("/api/tuning/jobs", job_request(notes="what for", seed=5)).json()

    exported = json.loads(body(api, TuningJob.objects.get(pk=created["id"]), "json"))
    again = api.post("/api/tuning/jobs", exported["job"])

    assert again.status_code == 201, again.content
    assert {name: again.json()[name] for name in exported["job"]} == exported["job"]


def test_json_tells_of_every_trial(api: APIClient) -> None:
    job = finished_job()
    trial = make_trial(job)
    make_trial(job, kind=TrialKind.DEFAULT, slot=None)

    first, second = json.loads(body(api, job, "json"))["trials"]

    assert (first["params_json"], first["metric_value"], first["run_id"]) == (trial.params_json, 0.5, str(trial.run_id))
    assert first["metrics"] == {"score_mean": 0.5, "eval_loss": 1.25}
    assert second["kind"] == "default"


def test_a_study_has_the_search_with_states_values_and_distributions(api: APIClient) -> None:
    job = finished_job(metric_mode="min")
    make_trial(job, kind=TrialKind.DEFAULT, slot=None)
    for status in TrialStatus.values:
        make_trial(job, status=status)

    exported = study(api, job)

    assert (exported["directions"], exported["metric_names"]) == (["minimize"], ["score_mean"])
    assert exported["distributions"]["batch_size"]["attributes"] == {"choices": [16, 32, 64]}
    states = [trial["state"] for trial in exported["trials"]]
    assert states == ["WAITING", "RUNNING", "COMPLETE", "PRUNED", "FAIL", "FAIL"]
    assert [trial["values"] for trial in exported["trials"]] == [None, None, [0.5], None, None, None]


def test_a_study_of_several_objectives_has_all_their_values(api: APIClient) -> None:
    job = finished_job(objectives_json=[{"metric": "train_seconds", "mode": "min"}])
    make_trial(job, values_json={"train_seconds": 3.5})
    make_trial(job, values_json={})

    exported = study(api, job)

    assert (exported["directions"], exported["metric_names"]) == (
        ["maximize", "minimize"],
        ["score_mean", "train_seconds"],
    )
    assert [(trial["state"], trial["values"]) for trial in exported["trials"]] == [
        ("COMPLETE", [0.5, 3.5]),
        ("FAIL", None),
    ]


def test_values_on_the_way_are_those_of_the_attempt_that_counts(api: APIClient) -> None:
    job = finished_job()
    make_trial(job)
    attempt = make_trial(job).attempts.get()
    for name, step, value in [("eval_loss", 10, 2.0), ("eval_loss", 20, 1.5), ("train_loss", 10, 3.0)]:
        TrialMetric.objects.create(attempt=attempt, name=name, step=step, value=value)

    assert [trial["intermediate_values"] for trial in study(api, job)["trials"]] == [{}, {"10": 2.0, "20": 1.5}]


def test_an_excluded_trial_has_failed_there(api: APIClient) -> None:
    job = finished_job()
    make_trial(job, excluded_reason="wrong rows")

    (trial,) = study(api, job)["trials"]

    assert (trial["state"], trial["user_attrs"]["excluded_reason"]) == ("FAIL", "wrong rows")


def test_a_parameter_from_outside_the_space_is_kept_beside(api: APIClient) -> None:
    job = finished_job()
    make_trial(job, params_json={"learning_rate": 0.5, "batch_size": 32})

    (trial,) = study(api, job)["trials"]

    assert trial["params"] == {"batch_size": 32}
    assert trial["user_attrs"]["params_json"] == {"learning_rate": 0.5, "batch_size": 32}


def test_an_exported_study_is_imported_as_the_same_space(api: APIClient) -> None:
    job = finished_job(search_space_json=CONDITIONAL, constraints_json=["beta1 >= 0.1 * beta1"])

    answer = api.post("/api/tuning/search-space/import", {"definition": body(api, job, "optuna")}).json()

    assert answer["search_space_json"] == CONDITIONAL
    assert answer["constraints_json"] == job.constraints_json
    assert answer["job"] == {"metric_name": "score_mean", "metric_mode": "max"}


def test_it_is_a_file_that_no_browser_takes_for_a_page(api: APIClient) -> None:
    job = finished_job()

    answer = api.get(f"/api/tuning/jobs/{job.pk}/export?format=csv")

    assert answer["Content-Disposition"] == f'attachment; filename="job-{job.pk}.csv"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("text/csv; charset=utf-8", "nosniff")


def test_an_unknown_format_is_a_fault(api: APIClient) -> None:
    answer = api.get(f"/api/tuning/jobs/{finished_job().pk}/export?format=xls")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["format"])


def test_an_unknown_job_is_not_found(api: APIClient) -> None:
    assert api.get("/api/tuning/jobs/none/export").status_code == 404


@pytest.mark.parametrize(("export", "most"), [("csv", 2), ("json", 1), ("optuna", 2)])
def test_queries_do_not_grow_with_the_trials(api: APIClient, export: str, most: int) -> None:
    job = finished_job()
    columns = {"job": job, "params_json": {"learning_rate": 0.01}, "params_hash": "0" * 64, "status": "completed"}
    TuningTrial.objects.bulk_create(
        TuningTrial(**columns, number=number, slot=number, metric_value=0.5) for number in range(10_000)
    )
    answer = api.get(f"/api/tuning/jobs/{job.pk}/export?format={export}")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        length = sum(len(chunk) for chunk in answer.streaming_content)  # type: ignore[attr-defined]

    assert len(queries) <= most
    assert length > 1_000_000 or export == "csv"


def test_the_snippet_of_the_documentation_reads_a_study(
    api: APIClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished_job()
    for status in TrialStatus.values:
        make_trial(job, status=status)
    (tmp_path / "job.optuna.json").write_text(body(api, job, "optuna"))
    monkeypatch.chdir(tmp_path)
    text = (Path(settings.BASE_DIR) / "docs" / "importing.md").read_text()
    (snippet,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found: dict[str, Any] = {}

    exec(snippet, found)  # noqa: S102 - our own documentation

    assert (len(found["study"].trials), found["study"].best_value) == (6, 0.5)


def test_a_page_offers_the_export(web: Client) -> None:
    job = finished_job()

    page = web.get(job.get_absolute_url()).content.decode()

    assert f'action="/api/tuning/jobs/{job.pk}/export"' in page
