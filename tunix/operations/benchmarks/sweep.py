"""A real sweep of the built-in tiny model, compared with a stock Tuner around a bare PeftTrainer with equal trials."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings

from tuning.models import TuningJob

from .jobs import ARITHMETIC, finished_job, seconds_of_trials
from .peers import run_peer
from .report import ratio_of, report

GOAL = 0.4


def sweep(*, trials: int, runs: int) -> dict[str, Any]:
    """Wall seconds from the start of the processes to the last result, at concurrency 1 and 2.

    The figures at the top level are those of concurrency 1. Our side keeps compiled programs on disk between jobs:
    `ours` lists every run, because the first one may have to fill that cache.
    """
    measured = {concurrency: _measure(concurrency, trials, runs) for concurrency in (1, 2)}
    detail = {f"concurrency_{concurrency}": sides for concurrency, sides in measured.items()}
    first = measured[1]
    return report("sweep", first["ours"], first["peer"], "seconds", detail | {"trials": trials, "goal": GOAL})


def _measure(concurrency: int, trials: int, runs: int) -> dict[str, Any]:
    sides: dict[str, Any] = {"ours": [], "ours_trials_only": [], "peer": [], "largest_score_difference": 0.0}
    for _ in range(runs):
        started = time.perf_counter()
        with finished_job(num_samples=trials, max_concurrent_trials=concurrency) as job:
            sides["ours"].append(round(time.perf_counter() - started, 2))
            sides["ours_trials_only"].append(round(seconds_of_trials(job), 2))
            answer = _peer(job, concurrency)
            sides["peer"].append(round(answer["seconds"], 2))
            scores = [trial.metric_value or 0.0 for trial in job.trials.order_by("number")]
            differences = [abs(a - b) for a, b in zip(scores, answer["scores"], strict=True)]
        sides["largest_score_difference"] = max(sides["largest_score_difference"], *differences)
    sides["ratio"] = ratio_of(sides["ours"], sides["peer"])
    return sides


def _peer(job: TuningJob, concurrency: int) -> dict[str, Any]:
    runs = [trial.run for trial in job.trials.select_related("run").order_by("number")]
    return run_peer(
        "stock_sweep.py",
        trials=[run.config_json["hyperparameters"] for run in runs if run is not None],
        concurrency=concurrency,
        dataset_dir=str(settings.ARTIFACTS_DIR / "datasets" / job.dataset_key),
        base_model_id=job.base_model_id,
        **{name: ARITHMETIC["evaluation_json"][name] for name in ("max_items", "max_new_tokens")},
    )
