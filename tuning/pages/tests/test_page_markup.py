"""What users, models and errors wrote is text: no page takes it for markup."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tuning.choices import EventKind
from tuning.pages.jobs import TABS
from tunix.runs.tests.factories import write_lines

from ...tests.factories import make_job, make_trial

MARKUP = "<img src=x onerror=alert(1)>"
pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> list[str]:
    """Every page that shows something of a job, its trial and its run, all full of markup."""
    job = make_job(name=MARKUP, notes=MARKUP, status="failed", error=MARKUP, reason=MARKUP)
    trial = make_trial(job, status="failed", error=MARKUP, reason=MARKUP)
    trial.attempts.update(error=MARKUP, reason=MARKUP)
    job.add_event(EventKind.TRIAL_FAILED, detail=MARKUP)
    run = trial.run
    type(run).objects.filter(pk=run.pk).update(name=MARKUP, error=MARKUP, environment_json={MARKUP: MARKUP})
    row = {"index": 0, "prompt": MARKUP, "answer": MARKUP, "prediction": MARKUP, "truncated": False}
    write_lines(run.work_dir() / "predictions.jsonl", [row])
    write_lines(run.work_dir() / "metrics.jsonl", [{"step": 1, MARKUP: 1.0}])
    (run.work_dir() / "log.txt").write_text(MARKUP)
    shown = [reverse("tuning:job-detail", args=[job.pk]) + f"?tab={tab}" for tab in TABS]
    shown += [reverse("runs:run-detail", args=[run.pk]) + f"?tab={tab}" for tab in ("overview", "predictions", "log")]
    shown += [reverse(f"tuning:job-{name}", args=[job.pk]) for name in ("progress", "trials", "edit")]
    shown += [reverse("tuning:trial-detail", args=[job.pk, 0]), reverse("tuning:job-list"), reverse("runs:run-list")]
    return [
        *shown,
        reverse("admin:tuning_tuningjob_change", args=[job.pk]),
        reverse("admin:tuning_tuningjob_changelist"),
    ]


def test_markup_is_escaped(web: Client, pages: list[str]) -> None:
    told = {page: web.get(page) for page in pages}
    assert [page for page, answer in told.items() if answer.status_code not in (200, 286)] == []
    assert [page for page, answer in told.items() if MARKUP in answer.content.decode()] == []
    assert sum("&lt;img src=x" in answer.content.decode() for answer in told.values()) > len(pages) / 2


def test_what_a_filter_was_asked_is_escaped(web: Client) -> None:
    query: dict[str, Any] = {"name": MARKUP, "project": MARKUP, "ordering": MARKUP, "created_after": MARKUP}
    assert MARKUP not in web.get(reverse("tuning:job-list"), query).content.decode()
