"""What a job's trials show before anything is confirmed: the leader, ties, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models.fields.json import KeyTransform

from tunix.statistics.unjudged import counted

from ..choices import JobStatus, TrialKind
from ..domain.selection.power_forecast import forecast
from ..domain.selection.sweep_warnings import Evaluated, noise_warning, sweep_warnings
from ..domain.selection.ties import ScoredTrial, compare_trials
from ..domain.selection.verdict import sentence_of_runs
from ..models import TuningJob, TuningTrial
from .bank import bank_sentence
from .configurations import SEEDED, Configuration, ranked_configurations, seed_noise_of
from .judging import judge_noise_of
from .power import proof_statements
from .racing import racing_sentence
from .scores import is_judged, item_groups, scores_by_number

if TYPE_CHECKING:
    from tunix.statistics.results import Scores
    from tunix.statistics.seed_noise import SeedNoise

MOST_TRIALS = 50
"""Only the best are compared: more would slow the page, and are not distinguishable anyway."""

FEWEST_TO_RANK = 2


@dataclass(frozen=True)
class JobStandings:
    """Sentences for the page of a job: `statements` of its trials, `warnings` that say what to change.

    `expected` is what the configuration of the best trial will score with other seeds, if that is known.
    """

    statements: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expected: float | None = None


def standings_of(job: TuningJob) -> JobStandings:
    """How the trials of a job compare; for a job that has not started, what it will be able to tell apart."""
    if not is_judged(job):
        return JobStandings()
    if job.status == JobStatus.CREATED:
        return forecast_of(job)
    return _standings(job.pk, job.progress_at, job.trials_version)


def expected_value_of(job: TuningJob) -> float | None:
    """What the configuration of the best trial will score with other seeds; None where that is not known."""
    return standings_of(job).expected if job.best_run_id and job.status != JobStatus.CREATED else None


def expected_value_now(job: TuningJob) -> float | None:
    """The same by the rows as they are inside of a transaction that changes them. Nothing is remembered."""
    fresh = TuningJob.objects.select_related("dataset").get(pk=job.pk)
    return _expected(fresh, _read(fresh)) if is_judged(fresh) else None


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
    return _computed(TuningJob.objects.select_related("dataset").get(pk=job_id))


@dataclass(frozen=True)
class _Rows:
    """What standings are computed from: completed trials, configurations best first, the best of them with scores."""

    known: Sequence[TuningTrial]
    ranked: Sequence[Configuration]
    scored: Sequence[ScoredTrial]
    noise: SeedNoise | None
    default: TuningTrial | None
    default_scores: Scores

    @property
    def is_paired(self) -> bool:
        """Whether all are scored on the same rows, and not by evaluations that differ."""
        sizes = {len(one.scores) for one in self.scored}
        return len(sizes) == 1 and sizes != {0}


def _read(job: TuningJob) -> _Rows:
    counting = job.trials.completed().counting().filter(kind__in=SEEDED).order_by("number")
    known = list(counting.annotate(cut_off=KeyTransform("truncated_share", "run__metrics_json")).defer("sampler_state"))
    ranked = ranked_configurations(job, known)
    best = ranked[:MOST_TRIALS]
    read = [trial for one in best for trial in one.trials]
    read += [trial for trial in known if trial.kind != TrialKind.SEARCH]
    scores = {number: counted(found) for number, found in scores_by_number(read).items()}
    default = next((trial for trial in known if trial.kind == TrialKind.DEFAULT and not trial.replicate), None)
    default_scores = scores.get(default.number, []) if default else []
    scored, noise = [one.scored(scores) for one in best], seed_noise_of(read, scores)
    return _Rows(known, ranked, scored, noise, default, default_scores)


def _computed(job: TuningJob) -> JobStandings:
    rows = _read(job)
    expected = _expected(job, rows)
    statements = [*_statements(job, rows, expected), *_racing(job, rows), *_bank(job), *proof_statements(job)]
    warnings = sweep_warnings(_evaluated(job, rows.known))
    judge_noise = noise_of(job)
    if judge_noise is not None and judge_noise.sentence:
        (statements if judge_noise.value is None else warnings).append(judge_noise.sentence)
    return JobStandings(tuple(statements), tuple(warnings), expected)


def _evaluated(job: TuningJob, known: Sequence[TuningTrial]) -> list[Evaluated]:
    """The best search trials, also those that guards disqualify."""
    sign = -1 if job.metric_mode == "max" else 1
    searched = [trial for trial in known if trial.kind == TrialKind.SEARCH]
    best = sorted(searched, key=lambda trial: (sign * _value(trial), trial.number))[:MOST_TRIALS]
    return [Evaluated(_value(trial), float(getattr(trial, "cut_off", None) or 0.0)) for trial in best]


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


def _statements(job: TuningJob, rows: _Rows, expected: float | None) -> list[str]:
    if not rows.is_paired:
        return []
    standings = compare_trials(rows.scored, job.metric_mode, rows.noise, job.confirmation.margin)
    if standings is None:
        return []
    leader = next(one for one in rows.scored if one.number == standings.leader)
    return [standings.sentence(expected), *_against_default(rows, leader)]


def _bank(job: TuningJob) -> list[str]:
    return [sentence] if (sentence := bank_sentence(job)) else []


def _racing(job: TuningJob, rows: _Rows) -> list[str]:
    sentence = racing_sentence(job, rows.known, len(rows.scored[0].scores)) if rows.scored else None
    return [sentence] if sentence else []


def _expected(job: TuningJob, rows: _Rows) -> float | None:
    """The expected metric of the best configuration, which its own is too good for; None where that is not known."""
    from tunix.statistics.arrays import item_variance
    from tunix.statistics.shrinkage import FEWEST, expected_best

    if rows.noise is None or len(rows.ranked) < FEWEST or not rows.is_paired:
        return None
    sign = 1 if job.metric_mode == "max" else -1
    # Those that were raced out belong to the spread of the trials, as bad ones do that were judged on all rows.
    raced_out = [_value(trial) for trial in rows.known if trial.is_raced_out]
    values = [sign * value for value in (*(one.value for one in rows.ranked), *raced_out)]
    chance = item_variance([one.scores for one in rows.scored])
    return sign * expected_best(values, chance, rows.noise, runs=rows.ranked[0].candidate.runs)


def _against_default(rows: _Rows, leader: ScoredTrial) -> list[str]:
    from tunix.statistics.paired import compare_items

    default = rows.default
    if default is None or len(rows.default_scores) != len(leader.scores):
        return []
    try:
        compared = compare_items(leader.scores, rows.default_scores, groups=item_groups([default]))
    except ValueError:  # all rows are in one group, which shows no difference
        return []
    return [sentence_of_runs(f"trial {leader.number}", f"the default (trial {default.number})", compared)]


def _value(trial: TuningTrial) -> float:
    return trial.metric_value or 0.0
