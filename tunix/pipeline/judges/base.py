"""The interface of a judge."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tunix.pipeline.judges.usage import Meter
from tunix.validation.fields import Fields

JudgeOptions = dict[str, Any]
"""Options of a judge by name, as JSON."""


@dataclass(frozen=True)
class JudgeItem:
    """A prediction to be judged, with its prompt and the expected answer."""

    prompt: str
    answer: str
    prediction: str


@dataclass(frozen=True)
class Outputs:
    """What a model generated for some rows: the items to judge, and whether each prediction was cut off.

    With several `samples` for a row, its items come one after another. `places` has the place of each row in its
    split, from 0; empty if it is not known, as in runs from before it was written.
    """

    items: list[JudgeItem]
    truncated: list[bool]
    samples: int = 1
    places: list[int] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.items) // self.samples

    def first(self, rows: int) -> Outputs:
        count = rows * self.samples
        return Outputs(self.items[:count], self.truncated[:count], self.samples, self.places[:rows])

    def of_rows(self, indices: Sequence[int]) -> Outputs:
        """The outputs for some of the rows, by their indices here, in the order given."""
        chosen = [index * self.samples + sample for index in indices for sample in range(self.samples)]
        items, truncated = [self.items[index] for index in chosen], [self.truncated[index] for index in chosen]
        places = [self.places[index] for index in indices] if self.places else []
        return Outputs(items, truncated, self.samples, places)


@dataclass(frozen=True)
class Judgement:
    """The judgement of one item: a score from 0 to 1, perhaps with a reason, or no score and the error."""

    score: float | None
    reason: str = ""
    error: str = ""


class UnreadableAnswer(Exception):
    """An expected answer that the judge can compare nothing with; the message says why and what to do."""


@dataclass(frozen=True)
class JudgeContext:
    """What a judge may use: a folder for its cache, a spending limit, and where it reports usage and progress.

    `progress` is called now and then with the number of items judged so far; what it raises ends the judging. Where the
    items are a block of more, `planned` is the number of all: the limit on items without a score is a share of these.
    """

    cache_dir: Path | None = None
    max_cost: float | None = None
    progress: Callable[[int], None] = lambda done: None
    meter: Meter = field(default_factory=Meter)
    planned: int = 0


class Judge(Protocol):
    """Scores predictions. `version` must change whenever the same prediction may get another score."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def help(self) -> str: ...

    def judge(self, items: Sequence[JudgeItem]) -> Sequence[float | Judgement]:
        """A score from 0 to 1, or a Judgement, for each item, in order."""
        ...


@runtime_checkable
class AnswerReader(Protocol):
    """A judge that reads an expected answer by a rule, so that the answers of a dataset can be checked beforehand."""

    def canonical(self, answer: str) -> Hashable:
        """What the judge sees of an answer: equal for answers that it takes for the same. Raises UnreadableAnswer."""
        ...


@runtime_checkable
class Configurable(Protocol):
    """A judge with options. They are part of its version, because scores by other options are not comparable."""

    option_names: Sequence[str]

    def read_options(self, fields: Fields) -> JudgeOptions:
        """The options in `fields`, None for each that is not set; faults are refused there."""
        ...

    def with_options(self, options: JudgeOptions) -> Judge:
        """The judge that judges by options that `read_options` returned."""
        ...


@runtime_checkable
class Grader(Protocol):
    """A judge with a rule that gives a part of the score to a text that is right in part, such as one cut off."""

    grades_parts: bool


@runtime_checkable
class NearAnswers(Protocol):
    """An AnswerReader that compares with a tolerance, so that answers may be the same without being equal."""

    def merged(self, groups: Mapping[Any, list[str]]) -> list[list[str]]:
        """The answers by what the judge sees of them, with the groups joined that it takes for the same."""
        ...


@runtime_checkable
class ServiceJudge(Protocol):
    """A judge that calls a service: it needs settings, may cost money, and can be slow."""

    def unavailable(self) -> str:
        """Why it cannot judge, in sentences that say what to do; empty if it can."""
        ...

    def judge_in(self, context: JudgeContext, items: Sequence[JudgeItem]) -> list[Judgement]:
        """One judgement for each item, in order. Raises JudgeFailed."""
        ...
