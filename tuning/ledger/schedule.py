"""Creates the next trial of a job: controls first, then the search, then the confirmation.

Called inside the transaction that holds the job's fence. Trials are committed before they are executed, so finalists
and winner stay the same whichever process dies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import F, Max

from tunix.evaluation.access_to_test_set import note_access_to_test_set
from tunix.pipeline.spec import EvaluationSpec, Method, Scalar

from ..analysis.bank import salt_of_controls
from ..analysis.best import candidates_of
from ..analysis.budgets import USED_UP, is_used_up
from ..analysis.confirmation import has_finalists, is_confirming, winner_of
from ..analysis.enqueued import next_enqueued
from ..analysis.nothing_to_prove import why_nothing_to_prove
from ..analysis.proof import decision_of, held_out_of, plan_of_proof
from ..analysis.scores import is_judged
from ..choices import EventKind, TrialKind, TrialOrigin, TrialStatus
from ..domain.sampling.proposal import Proposal
from ..domain.sampling.unseen import NothingToPropose
from ..domain.selection.budgets import Stop
from ..domain.selection.confirmation import finalists
from ..domain.selection.controls import SEED, default_params, with_seed
from ..domain.selection.seeds import PROOF, RANKING, SEARCH, role_of, seed_of
from ..domain.space.params_hash import params_hash
from ..models import TuningJob, TuningTrial
from .stops import end_search_if_over, note_stop

Ask = Callable[[int], Proposal]
"""Proposes the parameters of a slot, in the same transaction that stores them and the sampler's state."""


def next_new_trial(job: TuningJob, ask: Ask) -> TuningTrial | None:
    """Create the next trial of the job. None if there is none to create, now or at all.

    1. The default configuration, with as many seeds as a confirmation has, and the untuned model.
    2. The search, slot by slot, until a budget ends it: enqueued configurations, then proposals of the sampler.
    3. With a confirmation, once all of these have ended: the finalists, each with fresh seeds.
    4. Once those have ended: the winner and the default configuration, with fresh seeds again, on the test split.
    5. As long as these do not decide and the plan has a further stage: more seeds of both.
    """
    return _next_control(job) or _next_search(job, ask) or _next_of_confirmation(job)


def evaluation_of(trial: TuningTrial, job: TuningJob) -> EvaluationSpec:
    """How a trial is judged: as the job defines it, but on `test_items` rows of the test split if it is held out."""
    return job.evaluation.of_proof if trial.kind == TrialKind.HELD_OUT else job.evaluation.of_trials


def method_of(trial: TuningTrial, job: TuningJob) -> Method:
    """What its runs train: as the job defines it, but nothing if it is the untuned control."""
    return "untuned" if trial.kind == TrialKind.UNTUNED else job.method


def _next_control(job: TuningJob) -> TuningTrial | None:
    confirmation = job.confirmation
    if not confirmation.controls:
        return None
    made = job.trials.defaults().count()
    if made < confirmation.seeds:
        params = default_params(job.space(), job.fixed_params_json)
        seed = seed_of(salt_of_controls(job), role_of(RANKING, 1), made)
        return _make(job, TrialKind.DEFAULT, with_seed(params, seed), replicate=made)
    if is_judged(job) and not job.trials.untuned().exists():
        return _make(job, TrialKind.UNTUNED, {})
    return None


def _next_search(job: TuningJob, ask: Ask) -> TuningTrial | None:
    """The next replicate of the latest proposal, otherwise the first of a new one."""
    searched = job.trials.search()
    if searched.count() >= job.num_samples or end_search_if_over(job):
        return None
    last = searched.order_by("slot", "replicate").last()
    if last is not None and last.replicate + 1 < job.replicates:
        return _make_search(job, Proposal(last.proposed_params), last.slot, last.replicate + 1, last.origin)
    slot = 0 if last is None else last.slot + 1
    if (enqueued := next_enqueued(job)) is not None:
        # The sampler has not proposed this one: a new version makes it read all trials again.
        TuningJob.objects.filter(pk=job.pk).update(trials_version=F("trials_version") + 1)
        return _make_search(job, Proposal(enqueued), slot, origin=TrialOrigin.ENQUEUED)
    if is_used_up(job):
        return None
    try:
        return _make_search(job, ask(slot), slot)
    except NothingToPropose as why:
        note_stop(job, Stop(USED_UP, "search", str(why)))
        return None


def _make_search(
    job: TuningJob, proposal: Proposal, slot: int, replicate: int = 0, origin: str = TrialOrigin.PROPOSED
) -> TuningTrial:
    """A search trial with proposed parameters. With replicates, each one trains with its own seed."""
    params, about = proposal.params, {"slot": slot, "replicate": replicate, "origin": origin}
    if job.replicates > 1 and SEED not in {**job.search_space_json, **job.fixed_params_json}:
        params = with_seed(params, seed_of(str(job.pk), role_of(SEARCH, slot), replicate))
    return _make(job, TrialKind.SEARCH, params, sampler_state=proposal.state, **about)


def _next_of_confirmation(job: TuningJob) -> TuningTrial | None:
    if not is_confirming(job) or job.trials.unfinished().exists():
        return None
    held_out = held_out_of(job)
    if held_out:
        return _first(_make_next_stage(job, held_out))
    if why_nothing_to_prove(job):
        return None
    return _first(_make_held_out(job) if has_finalists(job) else _make_finalists(job))


def _make_finalists(job: TuningJob) -> list[TuningTrial]:
    completed = job.trials.search().completed()
    by_number = {trial.number: trial for trial in completed}
    configurations = {trial.number: params_hash(trial.proposed_params) for trial in by_number.values()}
    candidates = candidates_of(job, by_number.values())
    chosen = finalists(candidates, job.confirmation.top, job.metric_mode, configurations)
    numbers = [candidate.number for candidate in chosen]
    if numbers:
        job.add_event(EventKind.FINALISTS, detail=f"trials {', '.join(map(str, numbers))}")
    made: list[TuningTrial] = []
    for source in (by_number[number] for number in numbers):
        made += _make_seeds(job, TrialKind.CONFIRMATION, source.params_json, source, up_to=job.confirmation.seeds)
    return made


def _make_held_out(job: TuningJob) -> list[TuningTrial]:
    """Fix the winner and create its held-out trials. This is the one access to the test split, and it is recorded."""
    best = winner_of(job)
    if best is None:
        return []
    job.add_event(EventKind.WINNER_FIXED, detail=f"trial {best.number}")
    note_access_to_test_set(
        dataset=job.dataset, subject=f"job {job.name}, confirmation {job.confirmation_round}", actor=job.owner
    )
    return _make_pairs(job, best, 0, plan_of_proof(job).stages[0])


def _make_next_stage(job: TuningJob, held_out: list[TuningTrial]) -> list[TuningTrial]:
    """More seeds of winner and default, unless the latest stage has ended the proof.

    Decided from the stored scores in the transaction that creates the trials: whichever process decides, and however
    often it dies, the stage has the same seeds, and the access to the test split stays the one that is recorded.
    """
    plan = plan_of_proof(job)
    decision = decision_of(job, held_out, plan)
    best = next((trial.source for trial in held_out if trial.source), None)
    if decision is None or decision.outcome is not None or best is None:
        return []
    following = plan.seeds_after(decision.seeds)
    if following is None:
        return []
    job.add_event(EventKind.PROOF_STAGE, detail=f"stage {plan.stage_of(following) + 1}: {following} seeds a side")
    return _make_pairs(job, best, decision.seeds, following)


def _make_pairs(job: TuningJob, best: TuningTrial, made: int, up_to: int) -> list[TuningTrial]:
    default = default_params(job.space(), job.fixed_params_json)
    ours = _make_seeds(job, TrialKind.HELD_OUT, best.params_json, best, made, up_to)
    return [*ours, *_make_seeds(job, TrialKind.HELD_OUT, default, None, made, up_to)]


def _make_seeds(
    job: TuningJob,
    kind: TrialKind,
    params: dict[str, Scalar],
    source: TuningTrial | None,
    made: int = 0,
    up_to: int = 0,
) -> Iterable[TuningTrial]:
    """One trial per seed. All configurations of a stage use the same seeds, so seeds cannot favour one of them."""
    role = role_of(RANKING if kind == TrialKind.CONFIRMATION else PROOF, job.confirmation_round)
    for replicate in range(made, up_to):
        seed = seed_of(str(job.pk), role, replicate)
        if kind == TrialKind.CONFIRMATION and job.confirmation_round == 1:
            seed = _seed_of_control(job, replicate, seed)
        shared = {"replicate": replicate, "round": job.confirmation_round, "source": source}
        yield _make(job, kind, with_seed(params, seed), **shared)


def _seed_of_control(job: TuningJob, replicate: int, otherwise: int) -> int:
    """The seed of the control, also if other jobs share it: finalists are compared with controls seed by seed."""
    control = job.trials.defaults().filter(replicate=replicate).first()
    return otherwise if control is None else int(control.params_json.get(SEED, otherwise))


def _make(job: TuningJob, kind: TrialKind, params: dict[str, Scalar], **columns: Any) -> TuningTrial:
    last = job.trials.aggregate(last=Max("number"))["last"]
    return TuningTrial.objects.create(
        job=job,
        number=0 if last is None else last + 1,
        kind=kind,
        params_json=params,
        params_hash=params_hash(params),
        status=TrialStatus.PENDING,
        **columns,
    )


def _first(trials: list[TuningTrial]) -> TuningTrial | None:
    return trials[0] if trials else None
