"""What the proof of a job can show, by the noise of its controls, or of those of an earlier job on the same rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tunix.statistics.unjudged import counted

from ..choices import TrialKind
from ..domain.selection.evidence import FEWEST_SEEDS
from ..domain.selection.power_forecast import (
    ASKED_DIFFERENCE,
    Need,
    Noise,
    forecast_by_noise,
    forecast_of_lead,
    needs_of,
    noise_seen,
    sentence_of_needs,
)
from ..models import TuningJob
from .confirmation import has_finalists, is_confirming, winner_of
from .proof import proof_runs
from .scores import is_judged, item_scores

FEWEST_ITEMS = 2


@dataclass(frozen=True)
class PowerPlan:
    """What shows a difference with 80% power: test rows, seeds and runs. `noise_of`: the job whose controls tell it;
    empty if the usual noise is assumed.
    """

    difference: float
    rows: int
    needs: tuple[Need, ...]
    noise_of: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def power_plan_of(job: TuningJob, difference: float = ASKED_DIFFERENCE) -> PowerPlan | None:
    """How many test rows, seeds and runs a proof of a difference takes; None for a dataset without test rows."""
    rows = job.dataset.test_rows
    if rows < FEWEST_ITEMS:
        return None
    source, noise = job, noise_of_controls(job)
    if noise is None and (earlier := _earlier_job(job)):
        source, noise = earlier, noise_of_controls(earlier)
    needs = needs_of(difference, rows, noise=noise)
    of_noise = f"by the controls of job {source.name}" if noise else "by the usual noise of seeds and rows"
    sentence = f"{sentence_of_needs(difference, needs, rows)} That is at 80% power, {of_noise}."
    return PowerPlan(difference, rows, tuple(needs), str(source.pk) if noise else "", sentence)


def noise_of_controls(job: TuningJob) -> Noise | None:
    """What the completed runs of the default configuration show; None for fewer than 2, or a job without a judge."""
    if job._state.adding or not job.confirmation.controls or not is_judged(job):
        return None
    return noise_seen(item_scores(job.trials.defaults().completed()))


def _earlier_job(job: TuningJob) -> TuningJob | None:
    """The latest other job of the same dataset, model, method and judge that has controls."""
    alike = TuningJob.objects.filter(
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        method=job.method,
        evaluation_json__judge=job.evaluation.judge,
        trials__kind=TrialKind.DEFAULT,
        trials__status="completed",
    )
    return alike.exclude(pk=job.pk).order_by("-created_at").first()


def proof_statements(job: TuningJob) -> list[str]:
    """For the page of a job that is judged: what its proof will show, once its controls and its ranking have ended.

    Nothing once there is a verdict.
    """
    asked, rows = job.confirmation, job.dataset.test_rows
    noise = noise_of_controls(job)
    if noise is None or rows < FEWEST_ITEMS or (job.verdict and not is_confirming(job)):
        return []
    items, seeds = min(job.evaluation.test_items, rows), {"seeds": asked.seeds, "most_seeds": asked.max_seeds}
    said = [forecast_by_noise(noise, items, rows, **seeds)]
    if is_confirming(job) and has_finalists(job):
        said += _lead(job, items, seeds)
    return said


def _lead(job: TuningJob, items: int, seeds: dict[str, int]) -> list[str]:
    """After the ranking: with which probability the winner will be proved. Only runs with shared seeds tell it."""
    winner = winner_of(job)
    again = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round)
    if winner is None or again.unfinished().exists() or job.metric_mode != "max":
        return []
    ours = {run.seed: run.scores for run in proof_runs(again.filter(source=winner).completed()) if run.scores}
    theirs = {run.seed: run.scores for run in proof_runs(job.trials.defaults().completed()) if run.scores}
    shared = [seed for seed in ours if seed in theirs]
    if len(shared) < FEWEST_SEEDS:
        return []
    pairs = [[counted(side[seed]) for seed in shared] for side in (ours, theirs)]
    return [forecast_of_lead(pairs[0], pairs[1], len(shared), items, **seeds)]
