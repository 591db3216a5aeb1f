"""What a confirmation showed of the winner, compared with the default configuration."""

from __future__ import annotations

from enum import StrEnum


class VerdictOutcome(StrEnum):
    """The value is what is stored and what the API says; the label is for people."""

    BETTER = "better"
    NO_IMPROVEMENT = "no_improvement"
    WORSE = "worse"
    NOT_CONFIRMED = "not_confirmed"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    VerdictOutcome.BETTER: "better than the default",
    VerdictOutcome.NO_IMPROVEMENT: "no improvement over the default",
    VerdictOutcome.WORSE: "worse than the default",
    VerdictOutcome.NOT_CONFIRMED: "not confirmed",
}
