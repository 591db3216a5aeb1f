"""A job of real trainings, one of which learns nothing: it is raced out, and all that follows from its stored run."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tuning.choices import JobStatus
from tuning.execution.ledger_source import LedgerSource
from tuning.execution.without_ray import run_trials
from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tunix.datasets.importing import Source
from tunix.datasets.services import import_dataset
from tunix.operations.checker.check import check_ledger
from tunix.pipeline.racing import is_lost
from tunix.pipeline.rejudge import judge_again
from tunix.pipeline.run import execute
from tunix.pipeline.tests.making import make_rows, no_report

from ...ledger.files import write_request
from ...ledger.finish import finish_job
from ...tests.factories import job_request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shared_programs"),
]

ROWS = 96
GOOD, IDLE = {"learning_rate": 0.01}, {"learning_rate": 1e-7}


def letters() -> str:
    """The key of a dataset that is learned in a few steps."""
    splits = {"train": make_rows(64), "validation": make_rows(ROWS, start=64), "test": make_rows(10, start=200)}
    lines = {
        split: "\n".join(json.dumps({"prompt": row.prompt, "answer": row.answer}) for row in rows)
        for split, rows in splits.items()
    }
    sources = {split: Source.from_bytes(f"{split}.jsonl", text.encode()) for split, text in lines.items()}
    return import_dataset(key="letters", sources=sources).key


def carried_out() -> TuningJob:
    """The job at its end, every trial trained and judged here, without Ray: three good trials, then an idle one."""
    request: dict[str, Any] = {
        "dataset_key": letters(),
        "num_samples": 4,
        "search_space_json": {"learning_rate": {"type": "loguniform", "min": 1e-7, "max": 0.02}},
        "given_params_json": [GOOD, {"learning_rate": 0.012}, {"learning_rate": 0.008}, IDLE],
        "fixed_params_json": {"num_steps": 40, "batch_size": 16, "max_seq_length": 32},
        "evaluation_json": {"max_items": ROWS, "max_new_tokens": 4, "racing": True},
        "confirmation_json": {"controls": False},
    }
    job = create_job(data=job_request(**request), owner=None)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, epoch=1)
    job.refresh_from_db()
    write_request(job)
    run_trials(LedgerSource(job, 1, "pipeline"))
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def test_one_that_learns_nothing_is_judged_on_fewer_rows_and_can_be_judged_and_run_again(tmp_path: Path) -> None:
    job = carried_out()
    *good, idle = job.trials.order_by("number")
    spec, verdict = idle.run.spec, idle.run.evaluations.get()

    assert [trial.judged_rows for trial in good] == [None] * 3
    assert idle.judged_rows == verdict.items == 32 < verdict.planned_items == ROWS
    assert idle.metric_value == verdict.score_mean < min(trial.metric_value for trial in good)
    assert job.best_trial in good

    # The same decision from the stored rows, and from training again.
    assert spec.race is not None
    assert is_lost(spec.race, verdict.item_scores)
    again = execute(
        spec.model_copy(update={"run_id": str(uuid.uuid4())}), no_report, artifacts_dir=settings.ARTIFACTS_DIR
    )
    assert again.verdict is not None
    assert again.verdict.raced_out is not None
    assert (again.verdict.raced_out.rows, again.metrics["score_mean"]) == (32, idle.metric_value)

    # Judged again, it is judged on all rows: their predictions are stored.
    found = judge_again(
        spec,
        artifacts_dir=settings.ARTIFACTS_DIR,
        evaluation=spec.evaluation,
        output_dir=tmp_path,
        report=no_report,
    )
    assert (found.items, found.raced_out, found.item_scores[:32]) == (ROWS, None, verdict.item_scores)
    assert check_ledger(job_id=job.pk).findings == []
