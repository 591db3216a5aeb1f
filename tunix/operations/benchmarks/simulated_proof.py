"""Simulated confirmations through the real proof, and what is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuning.domain.selection.confirmation import MOST_SEEDS, SEEDS, Verdict, prove
from tuning.domain.selection.evidence import ProofRun, gather
from tuning.domain.selection.nothing_to_prove import why_default_is_ahead, why_leader_is_far_behind
from tuning.domain.selection.outcome import VerdictOutcome
from tuning.domain.selection.stages import MARGIN, decide, plan_of

from .simulated_sweep import Job, Ranking, mean_of, rank_once, runs_of, search_once
from .worlds import Setting


@dataclass(frozen=True)
class Proved:
    """A verdict, None if there was nothing to prove, how many runs it took, and the truth.

    The truth is the winner's score and how much better than the default's it is.
    """

    verdict: Verdict | None
    runs: int
    winner_truth: float
    difference: float

    @property
    def outcome(self) -> VerdictOutcome:
        """What the job says."""
        return self.verdict.outcome if self.verdict else VerdictOutcome.NOTHING_TO_PROVE

    @property
    def is_false(self) -> bool:
        """Whether it says better of a winner that is not."""
        return self.outcome == VerdictOutcome.BETTER and self.difference <= 0

    @property
    def is_as_good_in_error(self) -> bool:
        """Whether it says as good of a winner that differs by the margin or more."""
        return self.outcome == VerdictOutcome.EQUIVALENT and abs(self.difference) >= MARGIN - 1e-9


def confirmations(rng: np.random.Generator, setting: Setting) -> Iterator[Proved]:
    """One job that is confirmed as often as the setting says, each time with fresh seeds, on the same test rows.

    Where the default is ahead on validation there is no proof, and the test rows are not looked at.
    """
    job = search_once(rng, setting)
    looks, controls = 0, None
    for _ in range(setting.rounds):
        ranking = rank_once(rng, job, controls)
        controls = ranking.controls
        verdict, runs = None, 0
        if not _nothing_to_prove(job, ranking):
            looks += 1
            verdict, runs = _prove(rng, job, ranking, looks)
        truths = [job.test.truth(side, float(job.qualities[side])) for side in (ranking.winner, job.default)]
        yield Proved(verdict, runs, truths[0], truths[0] - truths[1])


def _nothing_to_prove(job: Job, ranking: Ranking) -> bool:
    """Whether the default is ahead on validation, or no run of a finalist completed."""
    default = [mean_of(run) for run in ranking.controls]
    about: dict[str, Any] = {"metric": "score_mean", "mode": "max"}
    leader = float(job.found.mean(axis=1).max())
    means = [mean_of(run) for run in ranking.runs if run.scores]
    return bool(
        not means
        or why_leader_is_far_behind(leader, default, items=job.setting.validation, margin=MARGIN, **about)
        or why_default_is_ahead(means, default, **about)
    )


def _prove(rng: np.random.Generator, job: Job, ranking: Ranking, look: int) -> tuple[Verdict, int]:
    """Winner and default with further seeds, on test rows, in stages; and the number of runs."""
    pair = [ranking.winner, job.default]
    seeds = job.seeds(rng, pair, MOST_SEEDS)
    winner, default = runs_of(seeds, job.test.answers(seeds, pair)[..., job.test.sample(job.setting.items)])
    winner = [_read(rng, run, job.setting.unjudged) for run in winner]
    known: dict[str, Any] = {
        "groups": job.test.group_list(job.setting.items),
        "ranking": (ranking.runs, ranking.controls),
        "ranking_groups": job.validation.group_list(),
    }
    plan = plan_of(SEEDS, MOST_SEEDS, look)
    for count in plan.stages:
        evidence, account = gather(winner[:count], default[:count], **known)
        if decide(evidence, plan, seeds=count).outcome is not None:
            break
    return prove(evidence, plan, seeds=count, account=account), 2 * count


def _read(rng: np.random.Generator, run: ProofRun, unjudged: float) -> ProofRun:
    """A run whose wrong answers the judge cannot all read."""
    if not unjudged or run.scores is None:
        return run
    unread = rng.random(len(run.scores)) < unjudged
    scores = [None if score == 0 and lost else score for score, lost in zip(run.scores, unread, strict=True)]
    return ProofRun(run.seed, scores, run.is_dead)
