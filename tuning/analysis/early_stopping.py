"""Early stopping of a job's trials: their rungs, their steps, and the steps that were saved."""

from __future__ import annotations

from typing import Any

from tunix.datasets.models import Dataset
from tunix.pipeline.engine.steps import rungs_before_end, steps_of
from tunix.pipeline.spec import Rungs, RunSpec

from ..choices import TrialKind, TrialStatus
from ..domain.early_stopping.decisions import KnownRungs, Reached, sentence_of, share_saved
from ..domain.early_stopping.stopping_rule import Basis
from ..models import TrialMetric, TuningJob, TuningTrial


def rungs_of(job: TuningJob, kind: str) -> Rungs | None:
    """The rungs at which a run of a trial of this kind reports; None where it runs to its end.

    Only search trials have rungs: the controls and the confirmation must train completely.
    """
    stopping = job.early_stopping
    return stopping.rungs if stopping is not None and kind == TrialKind.SEARCH else None


def steps_of_run(spec: RunSpec, dataset: Dataset) -> int:
    """How many steps a training has that runs to its end; 0 where nothing is trained."""
    return 0 if spec.method == "untuned" else steps_of(spec.hyperparameters, dataset.rows_of("train"))


def known_rungs(job: TuningJob) -> list[KnownRungs]:
    """The values of the trials that completed or were stopped at their rungs, which a rule compares others with."""
    stopping = job.early_stopping
    if stopping is None:
        return []
    ended = job.trials.search().trained()
    lengths = dict(ended.filter(steps__isnull=False).values_list("number", "steps"))
    values: dict[int, dict[int, float]] = {}
    rows = TrialMetric.objects.filter(
        attempt__trial__in=ended, attempt__outcome__in=[TrialStatus.COMPLETED, TrialStatus.PRUNED], name=stopping.metric
    )
    for number, step, value in rows.values_list("attempt__trial__number", "step", "value"):
        values.setdefault(number, {})[step] = value
    known = []
    for number, steps in sorted(lengths.items()):
        rungs, reported = rungs_before_end(stopping.rungs, steps), values.get(number, {})
        at_rungs = tuple((rung.at, reported[rung.step]) for rung in rungs if rung.step in reported)
        known.append(KnownRungs(number, at_rungs))
    return known


def steps_json(job: TuningJob) -> dict[str, Any]:
    """Steps of the search trials that completed or were stopped early. `job` comes from `with_progress()`."""
    planned, trained = job.planned_steps, job.trained_steps  # type: ignore[attr-defined]
    return {"planned": planned, "trained": trained, "saved_share": share_saved(planned, trained)}


def why_stopped(trial: TuningTrial) -> str | None:
    """Why a trial was stopped early, with the numbers; None where it was not."""
    stopping, known = trial.job.early_stopping, trial.stopped_json
    if stopping is None or not known:
        return None
    reached = Reached(**{name: known[name] for name in Reached.__dataclass_fields__})
    return sentence_of(stopping, reached, Basis(known["threshold"], known["trials"]))


def saved_sentence(job: TuningJob) -> str:
    """The same in words; empty where no trial is stopped early. `job` comes from `with_progress()`."""
    if job.early_stopping is None or not job.planned_steps:  # type: ignore[attr-defined]
        return ""
    steps = steps_json(job)
    saved = f"early stopping saved {steps['saved_share']:.0%}"
    return f"{steps['trained']:,} of {steps['planned']:,} steps trained; {saved}"
