"""Two jobs that really train: the second one takes the controls of the first, unless they were damaged."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings

from tuning.choices import JobStatus
from tuning.execution.ledger_source import LedgerSource
from tuning.execution.without_ray import run_trials
from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tunix.operations.checker.check import check_ledger
from tunix.pipeline.folder import run_dir
from tunix.runs.reproducing import reproduce_run

from ...ledger.files import write_request
from ...ledger.finish import finish_job
from ...tests.factories import imported_dataset, make_base_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shared_programs"),
]


def carried_out(dataset_key: str) -> TuningJob:
    """A job of two controls and one trial, trained and judged here, without Ray."""
    request: dict[str, Any] = {
        "name": "with a bank",
        "dataset_key": dataset_key,
        "base_model_id": make_base_model().base_model_id,
        "num_samples": 1,
        "search_space_json": {"learning_rate": {"type": "loguniform", "min": 1e-3, "max": 1e-2}},
        "fixed_params_json": {"num_steps": 2, "max_seq_length": 32},
        "evaluation_json": {"max_items": 3, "max_new_tokens": 4},
        "confirmation_json": {"controls": True, "seeds": 2},
    }
    job = create_job(data=request, owner=None)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, epoch=1)
    job.refresh_from_db()
    write_request(job)
    run_trials(LedgerSource(job, 1, "pipeline"))
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def controls_of(job: TuningJob) -> list[Any]:
    return [trial.run for trial in job.trials.defaults().select_related("run").order_by("number")]


def test_the_second_job_takes_the_controls_of_the_first_as_they_are(settings: Any) -> None:
    settings.REUSE_DEFAULT_RUNS = True
    key = imported_dataset().key
    first, second = carried_out(key), carried_out(key)
    trained, taken = controls_of(first), controls_of(second)

    assert [run.environment_json.get("reused_run") for run in trained] == [None, None]
    assert [run.environment_json.get("reused_run") for run in taken] == [run.run_id for run in trained]
    assert [run.metrics_json for run in taken] == [run.metrics_json for run in trained]
    scores = [[run.evaluations.get().item_scores for run in runs] for runs in (trained, taken)]
    assert scores[0] == scores[1]
    assert check_ledger(job_id=second.pk).findings == []

    # What was taken can be run again, and is trained then.
    assert reproduce_run(run=taken[0], actor=None).spec.reuse is None

    # The second run of the first job is damaged: a third job trains that one.
    damaged = run_dir(django_settings.ARTIFACTS_DIR, trained[1].run_id) / "predictions.jsonl"
    damaged.write_text("{}\n")
    third = controls_of(carried_out(key))
    assert [run.environment_json.get("reused_run") for run in third] == [trained[0].run_id, None]
    assert third[1].evaluations.get().item_scores == trained[1].evaluations.get().item_scores
