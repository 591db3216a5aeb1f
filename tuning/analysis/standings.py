"""What a job's trials show before anything is confirmed: the leader, ties, and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tunix.statistics.unjudged import counted

from ..choices import JobStatus
from ..domain.selection.power_forecast import forecast
from ..domain.selection.sweep_warnings import Evaluated, noise_warning, sweep_warnings
from ..domain.selection.ties import ScoredTrial, Standings, compare_trials
from ..domain.selection.verdict import sentence_of_runs
from ..models import TuningJob, TuningTrial
from .guards import job_guards_of
from .judging import judge_noise_of
from .power import proof_statements
from .scores import is_judged, item_scores, scores_by_number

MOST_TRIALS = 50
"""Only the best are compared: more would slow the page, and are not distinguishable anyway."""

FEWEST_TO_RANK = 2


@dataclass(frozen=True)
class JobStandings:
    """Sentences for the page of a job: `statements` of its trials, `warnings` that say what to change."""

    statements: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def standings_of(job: TuningJob) -> JobStandings:
    """How the trials of a job compare; for a job that has not started, what it will be able to tell apart."""
    if not is_judged(job):
        return JobStandings()
    if job.status == JobStatus.CREATED:
        return forecast_of(job)
    return _standings(job.pk, job.progress_at, job.trials_version)


def forecast_of(job: TuningJob) -> JobStandings:
    """What a job that is judged will be able to tell apart, by the number of its rows and seeds."""
    asked, confirmation = job.evaluation, job.confirmation
    items = min(asked.max_items, job.dataset.rows_of(asked.split))
    test_items = min(asked.test_items, job.dataset.rows_of("test")) if confirmation.automatic else None
    if items < 1 or (test_items is not None and test_items < 2):
        return JobStandings()
    expected = forecast(items, test_items, confirmation.seeds, confirmation.max_seeds)
    return JobStandings((expected.sentence,), (expected.warning,) if expected.warning else ())


@lru_cache(maxsize=128)
def _standings(job_id: Any, progress_at: Any, trials_version: int) -> JobStandings:
    """`progress_at` changes with each trial that ends, the version with what people do: nothing is computed twice."""
    job = TuningJob.objects.select_related("dataset").get(pk=job_id)
    order = "-metric_value" if job.metric_mode == "max" else "metric_value"
    completed = job.trials.search().completed().counting().select_related("run")
    ranked = list(completed.order_by(order, "number")[: None if job.guards_json else MOST_TRIALS])
    job_guards = job_guards_of(job)
    trials = [trial for trial in ranked if not job_guards.disqualified(trial)][:MOST_TRIALS]
    best = ranked[:MOST_TRIALS]
    truncated = [float(trial.run.metrics_json.get("truncated_share", 0.0)) if trial.run else 0.0 for trial in best]
    warnings = sweep_warnings(list(map(Evaluated, map(_value, best), truncated)))
    statements, noise = [*_statements(job, trials), *proof_statements(job)], noise_of(job)
    if noise is not None and noise.sentence:
        (statements if noise.value is None else warnings).append(noise.sentence)
    return JobStandings(tuple(statements), tuple(warnings))


@dataclass(frozen=True)
class MeasuredNoise:
    """How far the judge disagrees with itself, and whether trials can be ranked despite it (None: not known yet).

    `trial` is the one whose outputs were judged twice. `sentence` is empty unless there is something to report.
    """

    value: float | None
    trial: int | None
    rankable: bool | None
    sentence: str


def noise_of(job: TuningJob) -> MeasuredNoise | None:
    """The judge's noise compared with the spread of the completed search trials; None while it is not measured."""
    found = judge_noise_of(job) if is_judged(job) else None
    if found is None:
        return None
    if found.value is None:
        unknown = f"The noise of the judge is not known: see the log of trial {found.trial}."
        return MeasuredNoise(None, found.trial, None, unknown)
    if found.value == 0:
        return MeasuredNoise(0.0, found.trial, True, "")
    scores = list(job.trials.search().completed().counting().values_list("metric_value", flat=True))
    if len(scores) < FEWEST_TO_RANK:
        return MeasuredNoise(found.value, found.trial, None, "")
    warning = noise_warning(found.value, scores)
    return MeasuredNoise(found.value, found.trial, warning is None, warning or "")


def _statements(job: TuningJob, trials: list[TuningTrial]) -> list[str]:
    scores = scores_by_number(trials)
    scored = [
        ScoredTrial(trial.number, _value(trial), counted(scores.get(trial.number, [])), trial.duration_seconds)
        for trial in trials
    ]
    sizes = {len(trial.scores) for trial in scored}
    if len(sizes) != 1 or sizes == {0}:
        return []  # rows of different evaluations: nothing can be paired
    standings = compare_trials(scored, job.metric_mode)
    if standings is None:
        return []
    leader = next(trial for trial in scored if trial.number == standings.leader)
    return [_leading(standings), *_against_default(job, leader)]


def _leading(standings: Standings) -> str:
    """The sentence of the domain, with the leader's interval."""
    interval = next(one.interval for one in standings.trials if one.number == standings.leader)
    if interval is None:
        return standings.sentence
    return f"{standings.sentence} Its interval is [{interval.low:.3f}, {interval.high:.3f}] ({interval.method})."


def _against_default(job: TuningJob, leader: ScoredTrial) -> list[str]:
    from tunix.statistics.paired import compare_items

    default = job.trials.defaults().completed().filter(replicate=0).first()
    scores = item_scores([default]) if default is not None else []
    if default is None or not scores or len(scores[0]) != len(leader.scores):
        return []
    compared = compare_items(leader.scores, counted(scores[0]))
    return [sentence_of_runs(f"trial {leader.number}", f"the default (trial {default.number})", compared)]


def _value(trial: TuningTrial) -> float:
    return trial.metric_value or 0.0
