"""The proof in stages: more seeds while the verdict is open, decided from stored rows, one look at the test split."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import EventKind, JobStatus, TrialKind
from tuning.domain.selection.seeds import seed_of
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob
from tuning.services.prove import prove_job
from tuning.services.run import confirm_job
from tunix.api.exceptions import Conflict
from tunix.evaluation.access_to_test_set import accesses_to_test_set

from ...tests.ledger_steps import take
from ...tests.proof_steps import STAGED, proving_job, record_share, run_proof, share_of
from ..finish import give_up_epoch

pytestmark = pytest.mark.django_db


def held_out(job: TuningJob) -> list[tuple[int, bool, int, int]]:
    """(number, whether it is the winner's, replicate, seed) of each held-out trial."""
    trials = job.trials.filter(kind=TrialKind.HELD_OUT).order_by("number")
    return [(trial.number, bool(trial.source_id), trial.replicate, trial.params_json["seed"]) for trial in trials]


def run_again(job: TuningJob, **columns: Any) -> TuningJob:
    """The runner of the next epoch claims a queued job and runs it to its end."""
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, epoch=job.epoch, **columns)
    job.refresh_from_db()
    return run_proof(job, job.epoch)


@pytest.fixture
def proved() -> TuningJob:
    return run_proof(proving_job())


def test_a_gain_that_needs_them_has_all_stages(proved: TuningJob) -> None:
    assert proved.verdict_json["outcome"] == "better"
    assert (proved.verdict_json["seeds"], proved.verdict_json["level"]) == (8, pytest.approx(0.028, abs=1e-3))
    stages = [event.detail for event in proved.events.filter(kind=EventKind.PROOF_STAGE).order_by("pk")]
    assert stages == ["stage 2: 5 seeds a side", "stage 3: 8 seeds a side"]


def test_winner_and_default_have_the_same_seeds_which_nothing_else_has(proved: TuningJob) -> None:
    rows = held_out(proved)
    ours, theirs = (
        {replicate: seed for _, is_winner, replicate, seed in rows if is_winner is side} for side in (True, False)
    )
    assert ours == theirs == {index: seed_of(str(proved.pk), "proof/1", index) for index in range(8)}


def test_all_stages_are_one_look(proved: TuningJob) -> None:
    assert accesses_to_test_set(proved.dataset) == proved.verdict_json["test_looks"] == 1


def test_a_clear_gain_needs_the_first_stage_only() -> None:
    job = run_proof(proving_job(), gain=0.4)
    assert (job.verdict_json["outcome"], job.verdict_json["seeds"]) == ("better", 3)


def test_a_hopeless_one_ends_after_the_first_stage() -> None:
    job = run_proof(proving_job(), gain=0.0)
    assert (job.verdict_json["outcome"], job.verdict_json["seeds"]) == ("undecided", 3)
    assert "It ended early" in job.verdict_json["sentence"]


def test_a_job_may_limit_the_stages() -> None:
    job = run_proof(proving_job(confirmation_json=STAGED | {"max_seeds": 3}))
    assert job.verdict_json["seeds"] == 3


def test_a_runner_that_dies_in_any_stage_changes_nothing(proved: TuningJob) -> None:
    """Each held-out trial is lost once: with the first of each stage the stage was just decided and committed."""
    job, epoch = proving_job(), 1
    while isinstance(assignment := take(job, epoch), Assignment):
        if job.trials.get(number=assignment.number).kind == TrialKind.HELD_OUT:
            job.refresh_from_db()
            give_up_epoch(job, epoch, "gone")
            again = take(job, epoch)
            assert (again.number, again.params) == (assignment.number, assignment.params)
            assignment = again
        record_share(job, assignment, share_of(job, assignment), epoch)
    job = run_proof(job, epoch)

    mine, theirs = held_out(job), held_out(proved)
    assert [row[:3] for row in mine] == [row[:3] for row in theirs]
    assert [row[3] for row in mine] == [seed_of(str(job.pk), "proof/1", row[2]) for row in mine]
    assert job.verdict_json["difference"] == proved.verdict_json["difference"]
    assert accesses_to_test_set(job.dataset) == 2  # one of each job: they have the same dataset


def test_seeds_are_added_to_a_proof_that_gave_up(user: Any) -> None:
    job = run_proof(proving_job(), gain=0.0)
    prove_job(job=job, actor=user)
    job = run_again(job)

    assert job.verdict_json["seeds"] > 3
    assert [verdict.seeds for verdict in job.verdicts] == [3, job.verdict_json["seeds"]]
    assert {verdict.number for verdict in job.verdicts} == {1}  # within the plan: part of the same proof
    assert accesses_to_test_set(job.dataset) == 1
    assert job.events.filter(kind=EventKind.SEEDS_ADDED).get().detail == "up to 5 seeds a side"


def test_seeds_beyond_the_plan_count_as_a_further_confirmation(user: Any) -> None:
    job = run_proof(proving_job(confirmation_json=STAGED | {"max_seeds": 3}), gain=0.03)
    prove_job(job=job, actor=user)
    job = run_again(job)

    assert (job.verdict_json["number"], job.verdict_json["seeds"]) == (2, 5)
    assert "Seeds added after a verdict: level 0.8% instead of 3%." in job.verdict_json["sentence"]
    assert accesses_to_test_set(job.dataset) == 2


def test_a_decided_proof_takes_no_more_seeds(proved: TuningJob) -> None:
    with pytest.raises(Conflict, match="whose verdict is not decided"):
        prove_job(job=proved, actor=None)


def test_a_second_confirmation_has_its_own_seeds_and_a_lower_level(proved: TuningJob) -> None:
    confirm_job(job=proved, actor=None)
    job = run_again(proved)

    assert job.verdict_json["number"] == 2
    assert "Second confirmation: level 0.8% instead of 3%." in job.verdict_json["sentence"]
    assert [verdict.round for verdict in job.verdicts] == [1, 2]
    second = {trial.params_json["seed"] for trial in job.trials.of_confirmation(TrialKind.HELD_OUT, 2)}
    assert not second & {seed for *_, seed in held_out(job)[:6]}


def test_a_default_that_is_ahead_on_validation_leaves_nothing_to_prove() -> None:
    job = proving_job(confirmation_json=STAGED | {"controls": True})
    while isinstance(assignment := take(job), Assignment):
        is_ours = assignment.kind in {TrialKind.SEARCH, TrialKind.CONFIRMATION}
        record_share(job, assignment, 0.5 if is_ours else 0.55)
    job = run_proof(job)

    assert job.verdict_json["outcome"] == "nothing_to_prove"
    assert "The default is ahead on validation" in job.verdict_json["sentence"]
    assert not job.trials.filter(kind=TrialKind.HELD_OUT).exists()
    assert accesses_to_test_set(job.dataset) == 0


def test_a_leader_far_behind_the_default_is_not_even_ranked() -> None:
    job = proving_job(confirmation_json=STAGED | {"controls": True})
    while isinstance(assignment := take(job), Assignment):
        record_share(job, assignment, 0.1 if assignment.kind == TrialKind.SEARCH else 0.9)
    job = run_proof(job)

    assert "80 points behind the default" in job.verdict_json["sentence"]
    assert not job.trials.filter(kind=TrialKind.CONFIRMATION).exists()
