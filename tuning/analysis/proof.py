"""How far the proof of a job's winner is, from its stored trials: plan, evidence, the decision of the latest stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tunix.pipeline.spec import FailureReason

from ..choices import TrialKind, TrialStatus
from ..domain.job_sections import MAX_SEEDS
from ..domain.selection.evidence import Account, ProofRun, TooFewRuns, gather
from ..domain.selection.stages import GROWTH, Decision, Evidence, Plan, decide, plan_of
from ..models import TuningJob, TuningTrial
from .scores import is_judged, item_groups, scores_by_number

DEAD = frozenset({FailureReason.DIVERGED})
"""Failures that say something about the configuration. The others only cost a seed."""


def plan_of_proof(job: TuningJob) -> Plan:
    """The stages of the latest confirmation of a job, with their levels.

    Each earlier confirmation that touched the test rows has spent a level, and so has each addition of seeds that was
    not planned.
    """
    asked, current = job.confirmation, job.confirmation_round
    looked = job.trials.filter(kind=TrialKind.HELD_OUT, round__lt=current)
    earlier = looked.order_by().values("round").distinct().count()
    unplanned = {(number, seeds) for number, seeds in job.added_seeds_json if seeds > asked.max_seeds}
    number = 1 + earlier + sum(of_round < current for of_round, _ in unplanned)
    added = [seeds for of_round, seeds in unplanned if of_round == current]
    return plan_of(asked.seeds, max(asked.max_seeds, asked.seeds), number, added)


def held_out_of(job: TuningJob) -> list[TuningTrial]:
    """The held-out trials of its latest confirmation: those of the winner have a source, those of the default none."""
    held_out = job.trials.of_confirmation(TrialKind.HELD_OUT, job.confirmation_round)
    return list(held_out.select_related("source", "run").order_by("number"))


def seeds_made(held_out: Iterable[TuningTrial]) -> int:
    """How many seeds a side the stages so far have."""
    return max((trial.replicate + 1 for trial in held_out), default=0)


def evidence_of(job: TuningJob, held_out: Sequence[TuningTrial]) -> tuple[Evidence, Account]:
    """What the held-out trials show of winner and default. Raises TooFewRuns."""
    winner = next((trial.source for trial in held_out if trial.source), None)
    ranking = job.trials.of_confirmation(TrialKind.CONFIRMATION, job.confirmation_round).filter(source=winner)
    return gather(
        proof_runs([trial for trial in held_out if trial.source_id]),
        proof_runs([trial for trial in held_out if not trial.source_id]),
        mode=mode_of_score(job),
        groups=item_groups(held_out),
        ranking=(proof_runs(ranking.completed()), proof_runs(job.trials.defaults().completed())),
        ranking_groups=item_groups(ranking),
    )


def decision_of(job: TuningJob, held_out: Sequence[TuningTrial], plan: Plan) -> Decision | None:
    """What the latest stage decided, once all its trials have ended; None if too few of them have scores.

    `plan`: that of its proof, `plan_of_proof`.
    """
    try:
        evidence, _ = evidence_of(job, held_out)
    except TooFewRuns:
        return None
    return decide(
        evidence,
        plan,
        seeds=seeds_made(held_out),
        margin=job.confirmation.margin,
        mode=mode_of_score(job),
        at_least=job.asked_seeds,
    )


def next_seeds(job: TuningJob) -> int | None:
    """The seeds a side that a proof can go on to: the next stage of its plan, else a further one; None at the most."""
    made, plan = seeds_made(held_out_of(job)), plan_of_proof(job)
    following = plan.seeds_after(made) or min(MAX_SEEDS, round(GROWTH * made))
    return following if made and following > made else None


def mode_of_score(job: TuningJob) -> str:
    """Whether a larger score is better: as the job says, or always if it is chosen by a metric of training."""
    return str(job.metric_mode) if is_judged(job) else "max"


def proof_runs(trials: Iterable[TuningTrial]) -> list[ProofRun]:
    """The runs of one configuration with the scores of their items, by seed."""
    trials = list(trials)
    scores = scores_by_number(trials)
    return [ProofRun(_seed(trial), scores.get(trial.number), _is_dead(trial)) for trial in trials]


def _seed(trial: TuningTrial) -> int:
    """A control of a job that began before seeds were shared trains with the seed of the search: it pairs with none."""
    return int(trial.params_json.get("seed", -1 - trial.replicate))


def _is_dead(trial: TuningTrial) -> bool:
    return trial.status == TrialStatus.FAILED and trial.reason in DEAD
