"""What a judge is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from tunix.pipeline.judges.usage import Meter


@dataclass(frozen=True)
class JudgeItem:
    """One prediction to be judged against the answer its prompt should have got."""

    prompt: str
    answer: str
    prediction: str


@dataclass(frozen=True)
class Judgement:
    """What a judge says of one item: a score from 0 to 1, with its reason, or no score and the error that is why."""

    score: float | None
    reason: str = ""
    error: str = ""


@dataclass(frozen=True)
class JudgeContext:
    """What a judge may use: a folder for its cache, the most it may spend, and who counts and who is told.

    `progress` gets the number of items that are judged, now and then; what it raises ends the judging.
    """

    cache_dir: Path | None = None
    max_cost: float | None = None
    progress: Callable[[int], None] = lambda done: None
    meter: Meter = field(default_factory=Meter)


class Judge(Protocol):
    """Scores predictions. `version` changes whenever the same prediction may get another score."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def help(self) -> str: ...

    def judge(self, items: Sequence[JudgeItem]) -> Sequence[float | Judgement]:
        """For each item, in order, a score from 0 to 1, or a Judgement."""
        ...


@runtime_checkable
class ServiceJudge(Protocol):
    """A judge that asks a service: it needs settings, costs something, and takes its time."""

    def unavailable(self) -> str:
        """Why it cannot judge, as sentences that say what to do; empty when it can."""
        ...

    def judge_in(self, context: JudgeContext, items: Sequence[JudgeItem]) -> list[Judgement]:
        """One judgement for each item, in order. Raises JudgeFailed."""
        ...
