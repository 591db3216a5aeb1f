"""/metrics: the figures, what they cost, and who may read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tuning.choices import JobStatus, TrialStatus
from tuning.models import TuningTrial
from tuning.tests.factories import make_attempt, make_job, make_trial
from tunix.operations.checks import metrics_allowed_are_networks
from tunix.operations.exposition import exposition
from tunix.work.reconciler_heartbeat import record_heartbeat

pytestmark = pytest.mark.django_db
Labels = frozenset[tuple[str, str]]


def scraped() -> dict[tuple[str, Labels], float]:
    text = exposition("")[0].decode()
    families = text_string_to_metric_families(text)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for f in families for sample in f.samples}


def value(name: str, **labels: str) -> float:
    return scraped()[name, frozenset(labels.items())]


def ago(**delta: float) -> Any:
    return timezone.now() - timedelta(**delta)


def test_jobs_by_status() -> None:
    for status in (JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.FAILED):
        make_job(status=status)
    assert value("tunix_jobs", status="queued") == 2
    assert value("tunix_jobs", status="failed") == 1
    assert value("tunix_jobs", status="running") == 0


def test_trials_by_status() -> None:
    job = make_job(status=JobStatus.RUNNING)
    make_trial(job)
    make_trial(job, status=TrialStatus.PENDING)
    assert value("tunix_trials", status="completed") == value("tunix_trials", status="pending") == 1


def test_attempts_by_outcome_and_cause() -> None:
    trial = make_trial()
    make_attempt(trial, reason="lost")
    make_attempt(trial, reason="something nobody has named")
    assert value("tunix_attempts", outcome="lost", cause="lost") == 1
    assert value("tunix_attempts", outcome="lost", cause="other") == 1
    assert value("tunix_attempts", outcome="completed", cause="") == 1


def test_the_queue_is_as_old_as_its_oldest_row() -> None:
    make_job(status=JobStatus.QUEUED, queued_at=ago(seconds=20))
    make_job(status=JobStatus.QUEUED, queued_at=ago(seconds=300))
    make_job(status=JobStatus.COMPLETED, queued_at=ago(days=1))
    assert value("tunix_queue_age_seconds", kind="tuning_job") == pytest.approx(300, abs=5)
    assert value("tunix_queue_age_seconds", kind="training_run") == 0


def test_the_lease_age_is_that_of_the_oldest_heartbeat() -> None:
    make_job(status=JobStatus.RUNNING, heartbeat_at=ago(seconds=40))
    make_job(status=JobStatus.RUNNING, heartbeat_at=ago(seconds=3))
    assert value("tunix_lease_age_seconds", kind="tuning_job") == pytest.approx(40, abs=5)


def test_active_work_by_kind() -> None:
    make_job(status=JobStatus.RUNNING)
    assert value("tunix_work", kind="tuning_job", status="running") == 1
    assert value("tunix_work", kind="evaluation", status="pending") == 0


def test_trial_seconds_are_a_histogram() -> None:
    for seconds in (0.5, 4, 4000):
        trial = make_trial()
        TuningTrial.objects.filter(pk=trial.pk).update(
            started_at=trial.finished_at - timedelta(seconds=seconds), finished_at=trial.finished_at
        )
    assert value("tunix_trial_seconds_count") == value("tunix_trial_seconds_bucket", le="+Inf") == 3
    assert value("tunix_trial_seconds_sum") == pytest.approx(4004.5)
    assert value("tunix_trial_seconds_bucket", le="5.0") == 2


def test_an_empty_installation_has_figures_too() -> None:
    assert value("tunix_trial_seconds_count") == 0
    assert value("tunix_reconciler_age_seconds") == float("inf")


def test_space_reconciler_and_build(settings: Any) -> None:
    settings.BUILD = "2025.3"
    record_heartbeat()
    assert value("tunix_artifacts_free_bytes") > 0
    assert value("tunix_reconciler_turns") == 1
    assert {dict(labels).get("build") for name, labels in scraped() if name == "tunix_build_info"} == {"2025.3"}


def test_the_number_of_queries_does_not_grow(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        make_attempt(make_trial(make_job(status=JobStatus.RUNNING)))
    with django_assert_num_queries(8):  # four kinds of work, trials, attempts, seconds, the reconciler
        exposition("")


def test_reading_metrics_requires_signing_in(client: Client) -> None:
    assert client.get("/metrics").status_code == 401


def test_a_user_without_the_permission_does_not(viewer: Any, client: Client) -> None:
    client.force_login(viewer)
    assert client.get("/metrics").status_code == 403


def test_a_user_with_the_permission_does(viewer: Any, client: Client) -> None:
    viewer.user_permissions.add(Permission.objects.get(codename="view_metrics"))
    client.force_login(viewer)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")


def test_an_allowed_address_needs_no_sign_in_no_host_name_and_no_tls(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOWED, settings.SECURE_SSL_REDIRECT = ["10.0.0.0/24", "127.0.0.1"], True
    settings.ALLOWED_HOSTS = ["tuning.example.org"]
    assert client.get("/metrics", headers={"host": "10.0.0.9"}).status_code == 200


def test_another_address_has_to_sign_in(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOWED = ["10.0.0.0/24"]
    assert client.get("/metrics").status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"])
def test_what_a_proxy_passes_on_has_to_sign_in(client: Client, settings: Any, header: str) -> None:
    settings.METRICS_ALLOWED = ["127.0.0.1"]
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_without_a_database_there_are_no_figures(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("secret words")

    settings.METRICS_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr("tunix.operations.measures.work_by_kind", away)
    answer = client.get("/metrics")
    assert (answer.status_code, b"secret" in answer.content) == (503, False)


def test_an_address_that_is_none_is_named_at_start(settings: Any) -> None:
    settings.METRICS_ALLOWED = ["10.0.0.0/24", "everybody"]
    (error,) = metrics_allowed_are_networks()
    assert "everybody" in error.msg
