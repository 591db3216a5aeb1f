"""A sweep with and without early stopping: how many steps it trains, and whether its best trial is as good."""

from __future__ import annotations

from typing import Any

from tuning.analysis.early_stopping import steps_json
from tuning.analysis.scores import item_scores
from tuning.choices import EventKind
from tuning.models import TuningJob, TuningTrial
from tunix.statistics.intervals import score_interval

from .jobs import finished_job
from .report import report

GOAL = 0.4
"""The largest allowed share of training steps."""
RULE = {"name": "asha"}
FIXED = {"num_epochs": 3}


def early_stopping(*, trials: int, runs: int, rule: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Steps trained with the rule and without it. Each run is a sweep with a different seed; both sides try the same
    configurations in the same order.
    """
    fields = {"fixed_params_json": FIXED, "num_samples": trials} | fields
    pairs = [_pair(seed, RULE if rule is None else rule, fields) for seed in range(runs)]
    ours, peer = ([float(pair[side]["steps"]["trained"]) for pair in pairs] for side in ("with", "without"))
    measured = report("early_stopping", ours, peer, "steps", {"sweeps": pairs, "goal": GOAL})
    return measured | {"goals_met": all(all(pair["goals"].values()) for pair in pairs)}


def _pair(seed: int, rule: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    with finished_job(seed=seed, early_stopping_json=rule, **fields) as job:
        stopped = _summary(job)
    with finished_job(seed=seed, **fields) as job:
        whole = _summary(job)
    return {"seed": seed, "with": stopped, "without": whole, "goals": goals_of(stopped, whole)}


def goals_of(stopped: dict[str, Any], whole: dict[str, Any]) -> dict[str, bool]:
    """Few enough steps; the same best trial, or one within its interval; an event with the numbers for each stop."""
    words = ("stopped at step", "(rung ", "the best ")
    explained = all(word in detail for detail in stopped["stops"] for word in words)
    return {
        "steps": stopped["steps"]["trained"] <= GOAL * whole["steps"]["trained"],
        "best": stopped["best_trial"] == whole["best_trial"] or stopped["best_value"] >= whole["interval"][0],
        "explained": len(stopped["stops"]) == stopped["pruned"] and explained,
    }


def _summary(job: TuningJob) -> dict[str, Any]:
    counted = TuningJob.objects.with_progress().get(pk=job.pk)
    best: TuningTrial = job.trials.search().get(run=job.best_run)
    interval = score_interval(item_scores([best])[0])
    return {
        "steps": steps_json(counted),
        "pruned": job.trials.pruned().count(),
        "best_trial": best.number,
        "best_value": job.best_value,
        "interval": [interval.low, interval.high],
        "stops": list(job.events.filter(kind=EventKind.PRUNED).order_by("id").values_list("detail", flat=True)),
    }
