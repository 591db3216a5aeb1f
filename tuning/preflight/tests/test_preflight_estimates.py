"""What a job would cost: its runs, and what earlier runs tell of time, room and the judge's price."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.models import TuningJob
from tuning.preflight.estimates import check_cost, estimate, runs_of
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run

from ...tests.factories import make_added_model, make_dataset, make_job

pytestmark = pytest.mark.django_db

CONFIRMED = {"controls": True, "automatic": True, "top": 3, "seeds": 2}
NOW = timezone.now()


def run_of(seconds: float, **columns: Any) -> TunixRun:
    return make_run(dataset=make_dataset(), started_at=NOW - timedelta(seconds=seconds), finished_at=NOW, **columns)


def told(job: TuningJob, about: str) -> tuple[str, str]:
    (finding,) = [one for one in check_cost(job, estimate(job)) if one.about == about]
    return str(finding.level), finding.message


def test_the_runs_of_a_search_alone() -> None:
    runs = runs_of(make_job())

    assert (runs.search, runs.total) == (8, 8)


def test_the_runs_of_every_stage() -> None:
    runs = runs_of(make_job(confirmation_json=CONFIRMED))

    assert (runs.default, runs.untuned, runs.search, runs.finalists, runs.held_out) == (2, 1, 8, 6, 4)
    assert runs.total == 21


def test_there_are_no_more_finalists_than_trials() -> None:
    assert runs_of(make_job(confirmation_json=CONFIRMED, num_samples=1)).finalists == 2


def test_a_metric_of_training_has_no_untuned_run() -> None:
    assert runs_of(make_job(confirmation_json=CONFIRMED, metric_name="eval_loss")).untuned == 0


def test_guards_are_judged_in_all_runs_but_the_held_out() -> None:
    guard = {
        "dataset": make_dataset().key,
        "max_drop": 0.1,
        "split": "validation",
        "max_items": 10,
        "judge": "choice_match",
    }
    plain, guarded = make_job(confirmation_json=CONFIRMED), make_job(confirmation_json=CONFIRMED, guards_json=[guard])

    assert estimate(guarded).judged_items - estimate(plain).judged_items == 10 * (21 - 4)


def test_time_without_earlier_runs_is_not_known() -> None:
    make_run(base_model_id="tiny-gemma3")  # on another data set

    assert estimate(make_job()).seconds is None
    assert "unknown" in told(make_job(), "time")[1]


def test_time_by_the_median_of_earlier_runs() -> None:
    for seconds in (1, 10, 100):
        run_of(seconds)

    expected = estimate(make_job(max_concurrent_trials=2))

    assert (expected.seconds_a_run, expected.seconds) == (pytest.approx(10), pytest.approx(40))


def test_a_budget_of_time_that_is_too_small_is_a_warning() -> None:
    run_of(1000)
    job = make_job()
    job.budget_json["max_seconds"] = 60

    assert told(job, "time")[0] == "warning"


def test_room_by_the_weights_of_the_base_model() -> None:
    assert estimate(make_job()).bytes == 8 * (4 * 66_000 + 1024**2)


def test_room_of_adapters_by_the_largest_rank() -> None:
    sizes = {"layers": 30, "hidden_size": 576, "intermediate_size": 1536, "heads": 9, "kv_heads": 3, "head_dim": 64}
    model = make_added_model(parameters=134_515_008, details_json=sizes)
    space = {"lora_rank": {"type": "choice", "values": [4, 8]}}
    job = make_job(base_model_id=model.base_model_id, method="lora", search_space_json=space)

    assert estimate(job).bytes == 8 * (4 * 2_442_240 + 1024**2)


def test_room_by_an_earlier_run() -> None:
    folder = run_of(1).work_dir() / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"1" * 1000)

    assert estimate(make_job()).bytes == 8000


def judged_by_gemma(cost: float) -> None:
    usage = {"calls": 100, "cache_hits": 0, "prompt_tokens": 1, "completion_tokens": 1, "cost": cost}
    run_of(1, evaluation={"judge": "gemma"}, judge_usage_json=usage)


def gemma_job(max_judge_cost: float | None) -> TuningJob:
    job = make_job()
    job.evaluation_json["judge"], job.budget_json["max_judge_cost"] = "gemma", max_judge_cost
    return job


def test_the_price_of_judging_by_earlier_calls() -> None:
    judged_by_gemma(cost=2.0)
    expected = estimate(gemma_job(None))

    assert (expected.judged_items, expected.judge_cost) == (9 * 256, pytest.approx(9 * 256 * 0.02))  # one run twice


def test_a_budget_of_the_judge_that_is_too_small_is_a_warning() -> None:
    judged_by_gemma(cost=2.0)

    assert told(gemma_job(1.0), "budget_json.max_judge_cost")[0] == "warning"
    assert told(gemma_job(100.0), "budget_json.max_judge_cost")[0] == "ok"


def test_a_judge_that_nobody_pays_for_has_no_price() -> None:
    judged_by_gemma(cost=0.0)

    assert estimate(gemma_job(None)).judge_cost is None
