"""What a confirmation showed of the winner, compared with the default configuration."""

from __future__ import annotations

from enum import StrEnum


class VerdictOutcome(StrEnum):
    """The value is what is stored and what the API says; the label is for people.

    `no_improvement` is in verdicts of earlier versions only: it mixed "as good as" with "not decided".
    """

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    NOTHING_TO_PROVE = "nothing_to_prove"
    NOT_CONFIRMED = "not_confirmed"
    NO_IMPROVEMENT = "no_improvement"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    VerdictOutcome.BETTER: "better than the default",
    VerdictOutcome.WORSE: "worse than the default",
    VerdictOutcome.EQUIVALENT: "as good as the default",
    VerdictOutcome.UNDECIDED: "not decided",
    VerdictOutcome.NOTHING_TO_PROVE: "nothing to prove",
    VerdictOutcome.NOT_CONFIRMED: "not confirmed",
    VerdictOutcome.NO_IMPROVEMENT: "no improvement over the default",
}

PROVEN = frozenset({VerdictOutcome.BETTER, VerdictOutcome.EQUIVALENT})
"""Outcomes of a winner that may be promoted as confirmed: it loses nothing against the default."""
