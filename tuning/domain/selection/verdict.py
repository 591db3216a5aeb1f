"""The verdict of a job as it is stored, and what two runs alone show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuning.domain.stored import known_fields
from tunix.statistics.results import Comparison

from .outcome import VerdictOutcome

PROTOCOL = 2
"""Proofs in stages, paired by seed. Verdicts of protocol 1 had one stage at 5% each time, and unpaired seeds."""
_PROTOCOLS = {
    1: "Made by an earlier method: every confirmation was tested at 5%, and seeds were not paired.",
    2: "Tested in stages: winner and default with the same seeds, and all confirmations of the job share 5%.",
}


@dataclass(frozen=True)
class JobVerdict:
    """What the last confirmation of a job showed: `verdict_json`. Numbers are None where nothing was compared.

    `search_trials` had completed when the finalists were chosen; `excluded` are the finalists that a person has
    excluded since; `test_looks` is how often the test split had been used by then. `protocol` is the method that made
    it, `number` which proof of the job it was, `level` the level of its last test for "better". `asked`: the seeds a
    side that a person had asked for. Of `seeds` pairs the winner is `ahead` in so many.
    """

    outcome: VerdictOutcome = VerdictOutcome.NOT_CONFIRMED
    sentence: str = ""
    round: int = 0
    search_trials: int = 0
    test_looks: int = 0
    winner: int | None = None
    excluded: tuple[int, ...] = ()
    judge: str = ""
    seeds: int | None = None
    items: int | None = None
    method: str = ""
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    default_score: float | None = None
    protocol: int = 1
    number: int = 0
    level: float | None = None
    margin: float | None = None
    metric: str = ""
    ahead: int | None = None
    forecast: float | None = None
    asked: int = 0
    winner_dead: int = 0
    default_dead: int = 0
    lost: int = 0
    unjudged: int = 0
    bound_low: float | None = None
    bound_high: float | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> JobVerdict | None:
        """The verdict that was stored; None before the first one."""
        if stored is None:
            return None
        known = known_fields(cls, stored)
        outcome = VerdictOutcome(known.pop("outcome", VerdictOutcome.NOT_CONFIRMED))
        return cls(outcome=outcome, excluded=tuple(known.pop("excluded", None) or ()), **known)

    @property
    def method_in_words(self) -> str:
        """By which method it was made."""
        return _PROTOCOLS.get(self.protocol, "")

    @property
    def is_winner_excluded(self) -> bool:
        """Whether a person has excluded the trial whose configuration won."""
        return self.winner in self.excluded

    def why_stale(self, completed: int) -> str | None:
        """Why it does not hold any more, in a clause; None where it does.

        Finalists were excluded since, or more search trials have completed (`completed` in all) than it knew.
        """
        if self.is_winner_excluded:
            return f"its winner, trial {self.winner}, is excluded"
        if self.excluded:
            several = len(self.excluded) > 1
            trials = f"trial{'s' * several} {', '.join(map(str, self.excluded))}"
            return f"{trials}, {'finalists' if several else 'a finalist'}, {'are' if several else 'is'} excluded"
        return "more trials have completed since" if completed > self.search_trials else None


def sentence_of_runs(ours: str, theirs: str, comparison: Comparison) -> str:
    """Two runs of one seed each, such as "trial 17" and "trial 3": a claim about these runs only."""
    return (
        f"{ours[:1].upper()}{ours[1:]} against {theirs}: these two runs differ by {difference_of(comparison)} "
        f"({p_of(comparison.p)}; {comparison.items} items); this says nothing about the configurations, which needs "
        "several seeds of both."
    )


def difference_of(comparison: Comparison) -> str:
    """The difference with sign and interval: +0.08 [0.05, 0.11].

    A third decimal where the interval is narrow, or an end of it would be rounded onto zero, which it may have crossed.
    """
    ends = comparison.low, comparison.high
    decimals = 3 if comparison.high - comparison.low < 0.02 or any(0 < abs(end) < 0.005 for end in ends) else 2
    # What rounds to nothing has no sign.
    rounded = [round(value, decimals) + 0.0 for value in (comparison.difference, *ends)]
    difference, low, high = (f"{value:.{decimals}f}" for value in rounded)
    sign = "" if difference.startswith("-") else "+"
    return f"{sign}{difference} [{low}, {high}]"


def p_of(p: float) -> str:
    """The p with two digits: p = 0.036, or p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
