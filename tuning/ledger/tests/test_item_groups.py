"""The groups of the rows that were judged reach the proof, which counts them as its units."""

from __future__ import annotations

import pytest

from tuning.analysis.proof import evidence_of, held_out_of
from tuning.models import TuningJob
from tuning.tests.ledger_steps import result_of, running_job, take
from tunix.pipeline.spec import JudgeResult

from ..assignment import Finished
from ..record import record_outcome

pytestmark = pytest.mark.django_db
ITEMS = 40
CONFIRMED = {"controls": True, "automatic": True, "top": 1, "seeds": 2, "max_seeds": 2}


def proved_job(groups: list[int] | None) -> TuningJob:
    """A job whose winner is right about two thirds of its rows, and the default about one third, in blocks of four."""
    job = running_job(num_samples=1, confirmation_json=CONFIRMED, confirmation_round=1)
    while not isinstance(assignment := take(job), Finished):
        trial = job.trials.get(number=assignment.number)
        thirds = 1 if trial.kind == "default" or not (trial.source_id or trial.kind == "search") else 2
        scores = [float(item // 4 % 3 < thirds) for item in range(ITEMS)]
        mean = sum(scores) / ITEMS
        split = assignment.spec["evaluation"]["split"]
        verdict = JudgeResult(
            judge="answer_correctness",
            judge_version="1",
            split=split,
            items=ITEMS,
            score_mean=mean,
            item_scores=scores,
            item_groups=groups,
        )
        record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment, score=mean, verdict=verdict), "f" * 64)
    return job


@pytest.mark.parametrize("groups", [None, [item // 4 for item in range(ITEMS)]])
def test_groups_reach_the_evidence_of_the_proof(groups: list[int] | None) -> None:
    job = proved_job(groups)
    evidence, _ = evidence_of(job, held_out_of(job))
    assert evidence.groups == groups
