"""Which trials are raced, and what they have to reach."""

from __future__ import annotations

from collections.abc import Sequence

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.spec import RaceSpec

from ..choices import TrialKind
from ..domain.selection.racing import places_of, race_against
from ..models import TuningJob, TuningTrial
from .configurations import ranked_configurations
from .judging import judge_noise_of
from .row_order import order_of_search
from .scores import scores_by_number

MOST_COMPARED = 50
"""More trials do not tell better how hard a row is, and each assignment reads their scores."""


def race_of(job: TuningJob, trial: TuningTrial) -> RaceSpec | None:
    """The race of the next run of a trial; None if all its rows are judged.

    The first ones are judged on all rows: until the default configuration is, also twice where its judge calls a
    service, and until there are as many as a race leaves alone. What a race expects is stored in the spec of the run,
    and is not changed by trials that end later.
    """
    if trial.kind != TrialKind.SEARCH or not job.evaluation.racing or not _is_noise_known(job):
        return None
    if order_of_search(job) != HASH_ORDER:  # the first rows of a file are no sample of the others
        return None
    completed = list(job.trials.completed().counting().defer("sampler_state").order_by("number"))
    ranked = ranked_configurations(job, completed)[:MOST_COMPARED]
    defaults = [one for one in completed if one.kind == TrialKind.DEFAULT]
    places = places_of(job.confirmation.top)
    if len(ranked) < places:
        return None
    scores = scores_by_number([*(one.trials[0] for one in ranked), *defaults])
    best = [scores[one.candidate.number] for one in ranked if one.candidate.number in scores]
    return race_against(best, [scores[one.number] for one in defaults if one.number in scores], places)


def racing_sentence(job: TuningJob, trials: Sequence[TuningTrial], rows: int) -> str | None:
    """How many completed trials were raced out, and what share of their rows was judged; None if none was."""
    searched = [one for one in trials if one.kind == TrialKind.SEARCH]
    judged = sorted(one.judged_rows for one in searched if one.judged_rows is not None)
    if not judged:
        return None
    share = (sum(judged) + (len(searched) - len(judged)) * rows) / (len(searched) * rows)
    after = f"{judged[0]} to {judged[-1]}" if judged[0] != judged[-1] else f"{judged[0]}"
    return (
        f"{len(judged)} of {len(searched)} trials were raced out after {after} of {rows} rows: {share:.0%} of all rows"
        f" were judged. Each of the best {places_of(job.confirmation.top)} had at most a 1% chance of being raced out."
    )


def _is_noise_known(job: TuningJob) -> bool:
    """Whether the default configuration has been judged, and the noise of the judge is known."""
    if job.confirmation.controls and job.trials.defaults().unfinished().exists():
        return False
    noise = judge_noise_of(job)  # 0 for a judge that calls no service
    return noise is not None and noise.value is not None
