"""What a job would cost: runs, time, room and the judge's price, as far as earlier runs can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import F, QuerySet

from tunix.datasets.models import Dataset
from tunix.pipeline.spec import ADAPTED, EvaluationSpec
from tunix.runs.choices import RunStatus
from tunix.runs.models import BaseModel, TunixRun, trained

from ..analysis.scores import is_judged
from ..domain.job_sections import asks_a_service
from ..domain.space.shared_adapters import largest_rank
from ..models import TuningJob
from .findings import Finding, ok, warning

LOOKED_AT = 50
"""The latest runs so many tell what the next will take."""
BYTES_A_WEIGHT = 4
LARGE = 1024**2
"""Bytes of a run besides its weights, at a guess: outputs, log and curves."""


@dataclass(frozen=True)
class Runs:
    """Training runs that a job makes at most, by stage. Nothing is confirmed unless that is automatic."""

    default: int
    untuned: int
    search: int
    finalists: int
    held_out: int

    @property
    def total(self) -> int:
        return self.default + self.untuned + self.search + self.finalists + self.held_out


@dataclass(frozen=True)
class Estimates:
    """What is expected; None where no earlier run tells. Costs are in the currency of the prices that are set."""

    runs: Runs
    seconds_a_run: float | None
    seconds: float | None
    bytes: int
    judged_items: int
    judge_cost: float | None

    def to_json(self) -> dict[str, Any]:
        runs = {name: getattr(self.runs, name) for name in (*Runs.__dataclass_fields__, "total")}
        names = ("seconds_a_run", "seconds", "bytes", "judged_items", "judge_cost")
        return {"runs": runs} | {name: getattr(self, name) for name in names}


def estimate(job: TuningJob) -> Estimates:
    """By the latest completed runs of the same base model and dataset, and the latest use of the same judge."""
    runs = runs_of(job)
    completed = TunixRun.objects.filter(base_model_id=job.base_model_id, dataset=job.dataset)
    before = completed.filter(status=RunStatus.COMPLETED, method=job.method).order_by("-created_at", "-id")
    # A run whose result was taken from an earlier one says nothing about the time of a training.
    timed = before.filter(trained(), started_at__isnull=False, finished_at__isnull=False)
    spans: list[timedelta] = list(timed.values_list(F("finished_at") - F("started_at"), flat=True)[:LOOKED_AT])
    a_run = median(span.total_seconds() for span in spans) if spans else None
    items = _judged_items(job, runs)
    costs = [cost for judge, count in items.items() if (cost := _judge_cost(judge, count)) is not None]
    return Estimates(
        runs=runs,
        seconds_a_run=a_run,
        seconds=None if a_run is None else a_run * runs.total / min(job.max_concurrent_trials, runs.total),
        bytes=runs.total * _bytes_a_run(before, job),
        judged_items=items.total(),
        judge_cost=sum(costs) if costs else None,
    )


def runs_of(job: TuningJob) -> Runs:
    """How many runs each stage has at most."""
    confirmation = job.confirmation
    seeds = confirmation.seeds
    finalists = min(confirmation.top, job.num_samples) * seeds if confirmation.automatic else 0
    return Runs(
        default=seeds if confirmation.controls else 0,
        untuned=int(confirmation.controls and is_judged(job)),
        search=job.num_samples,
        finalists=finalists,
        held_out=2 * confirmation.max_seeds if confirmation.automatic else 0,
    )


def check_cost(job: TuningJob, estimates: Estimates, *, is_rehearsed: bool = False) -> Iterator[Finding]:
    """The estimates in words, against the limits of the job. A rehearsal tells more of the time than earlier runs."""
    yield ok("num_samples", _runs_in_words(estimates.runs))
    if not is_rehearsed:
        yield _time(job, estimates)
    if estimates.judge_cost is not None:
        yield _cost(job, estimates.judge_cost, estimates.judged_items)


def _runs_in_words(runs: Runs) -> str:
    stages = {
        "default": runs.default,
        "untuned": runs.untuned,
        "search": runs.search,
        "finalists": runs.finalists,
        "held out": runs.held_out,
    }
    parts = ", ".join(f"{count:,} {name}" for name, count in stages.items() if count)
    return f"The job makes {runs.total:,} runs at most: {parts}."


def _time(job: TuningJob, estimates: Estimates) -> Finding:
    limit = job.budget.max_seconds
    if estimates.seconds is None or estimates.seconds_a_run is None:
        return ok(
            "time",
            "The duration is unknown: no run of this base model on this dataset has completed. "
            "Rehearse the job to measure it.",
        )
    a_run = f"earlier runs took {estimates.seconds_a_run:.1f} s each"
    sentence = f"The job takes about {span_in_words(estimates.seconds)}, as {a_run}."
    if limit is not None and estimates.seconds > limit:
        return warning(
            "time", f"{sentence} The budget ends the search after {span_in_words(limit)}: raise max_seconds."
        )
    return ok("time", sentence)


def _cost(job: TuningJob, cost: float, items: int) -> Finding:
    about, limit = "budget_json.max_judge_cost", job.budget.max_judge_cost
    sentence = f"By the price of earlier calls, {items:,} items cost {cost:.4g} at most; cached judgements are free."
    if limit is not None and cost > limit:
        return warning(about, f"{sentence} Judging ends at {limit:g}: raise max_judge_cost, or lower max_items.")
    return ok(about, sentence)


def _bytes_a_run(before: QuerySet[TunixRun], job: TuningJob) -> int:
    """The size of the latest run's folder that is still whole, else four bytes per stored weight and a little more."""
    for run in before.defer("config_json", "environment_json")[:LOOKED_AT]:
        if (run.work_dir() / "checkpoint").is_dir():
            return sum(path.stat().st_size for path in run.work_dir().rglob("*") if path.is_file())
    model = BaseModel.objects.filter(base_model_id=job.base_model_id).only("parameters", "details_json").first()
    return BYTES_A_WEIGHT * (_stored_weights(job, model) if model else 0) + LARGE


def _stored_weights(job: TuningJob, model: BaseModel) -> int:
    """How many weights a checkpoint has: all of them, or adapters of the largest rank on every projection."""
    sizes = model.details_json
    if job.method not in ADAPTED or "layers" not in sizes:
        return model.parameters
    width, hidden = sizes["hidden_size"], sizes["intermediate_size"]
    queries, keys = (sizes[name] * sizes["head_dim"] for name in ("heads", "kv_heads"))
    attention = 2 * (width + queries) + 2 * (width + keys)
    rank = largest_rank(job.space(), job.fixed_params_json, job.given_params_json, job.method)
    return int(rank * sizes["layers"] * (attention + 3 * (width + hidden)))


def _judged_items(job: TuningJob, runs: Runs) -> Counter[str]:
    """Outputs that each judge judges in all, if no two are the same; guards are not asked in held-out runs.

    A service judges the outputs of one run twice.
    """
    asked, guarded, rows = job.evaluation, runs.total - runs.held_out, judged_rows_of(job)
    twice = int(is_judged(job) and asks_a_service(asked.judge))
    items = Counter({asked.judge: (guarded + twice) * rows.own + runs.held_out * rows.of_proof})
    for judge, count in rows.guards.items():
        items[judge] += guarded * count
    return items


@dataclass(frozen=True)
class JudgedRows:
    """Outputs of one run: on the job's own rows, for its guards by judge, and in the proof."""

    own: int
    guards: Counter[str]
    of_proof: int

    @property
    def of_trials(self) -> int:
        return self.own + self.guards.total()


def judged_rows_of(job: TuningJob) -> JudgedRows:
    """What the runs of a job are judged on."""
    asked, guards = job.evaluation, Counter[str]()
    known = Dataset.objects.in_bulk({guard.dataset for guard in job.guards}, field_name="key")
    for guard in job.guards:
        if dataset := known.get(guard.dataset):
            guards[guard.evaluation.judge] += rows_judged(guard.evaluation, dataset)
    return JudgedRows(rows_judged(asked, job.dataset), guards, rows_judged(asked.of_proof, job.dataset))


def rows_judged(evaluation: EvaluationSpec, dataset: Dataset) -> int:
    """How many outputs an evaluation has: one for each row, or several samples."""
    return min(evaluation.max_items, dataset.rows_of(evaluation.split)) * evaluation.samples


def _judge_cost(judge: str, items: int) -> float | None:
    """None for a judge that calls no service, and where nothing was ever paid."""
    paid = TunixRun.objects.filter(config_json__evaluation__judge=judge, judge_usage_json__calls__gt=0)
    usages = list(paid.order_by("-created_at", "-id").values_list("judge_usage_json", flat=True)[:LOOKED_AT])
    calls, cost = (sum(usage[name] for usage in usages) for name in ("calls", "cost"))
    return items * cost / calls if cost else None


def span_in_words(seconds: float) -> str:
    """`90 s`, `12 min`, `3.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
