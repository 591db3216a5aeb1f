"""Guards: what a trial may lose on other rows. A trial that loses more than the default configuration does cannot win.

A guard compares two means with a fixed margin. It is not a statistical test: it does not account for chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tunix.pipeline.spec import EvaluationSpec
from tunix.pipeline.spec_fields import read_evaluation
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

GUARDS_PATH = "guards_json"
MOST_GUARDS = 5
SPLITS = ("validation", "train")
"""Not test: every trial would see the rows that are to prove the winner once."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Guard:
    """Rows of a dataset, how they are judged, and how much of the default's score (0 to 1) a trial may lose there."""

    dataset: str
    max_drop: float
    evaluation: EvaluationSpec

    def __str__(self) -> str:
        return f"{self.dataset} ({self.evaluation.split}, judge {self.evaluation.judge})"

    def to_json(self) -> dict[str, Any]:
        """Every field, resolved: `guard_of` reads it back."""
        return {"dataset": self.dataset, "max_drop": self.max_drop} | self.evaluation.model_dump(mode="json")


@dataclass(frozen=True)
class Breach:
    """A guard that a configuration broke, by the mean of its `runs`. `loss` is None when a score is missing."""

    guard: Guard
    loss: float | None
    unscored: str = ""
    runs: int = 1

    def __str__(self) -> str:
        if self.loss is None:
            return f"What it loses on {self.guard} is unknown: {self.unscored} has no score there."
        runs = f" (mean of {self.runs} runs)" if self.runs > 1 else ""
        return (
            f"Loses {_points(self.loss)} points on {self.guard} against the default configuration{runs}; "
            f"at most {_points(self.guard.max_drop)} allowed."
        )


def guard_of(stored: Mapping[str, Any]) -> Guard:
    """What `Guard.to_json` wrote."""
    fields = dict(stored)
    return Guard(fields.pop("dataset"), fields.pop("max_drop"), EvaluationSpec.model_validate(fields))


def broken_guards(
    guards: Sequence[Guard], runs: Sequence[Sequence[float | None]], default_scores: Sequence[float | None]
) -> list[Breach]:
    """The guards that a configuration breaks; `runs` has the scores of each of its runs, `default_scores` are means.

    The mean of its runs decides: if any of several could disqualify, chance alone would. A guard counts as broken where
    no run or no default has a score: an unknown score cannot be relied on.
    """
    judged = zip(guards, mean_scores(guards, runs), default_scores, strict=True)
    broken = [breach for guard, score, default in judged if (breach := _breach(guard, score, default))]
    return [replace(breach, runs=len(runs)) for breach in broken]


def mean_scores(guards: Sequence[Guard], rows: Iterable[Sequence[float | None]]) -> list[float | None]:
    """The mean score for each guard over trials; None where no trial has one."""
    known = list(rows)
    means: list[float | None] = []
    for index in range(len(guards)):
        scores = [score for score in (row[index] for row in known) if score is not None]
        means.append(math.fsum(scores) / len(scores) if scores else None)
    return means


def parse_guards(data: Any, *, controls: bool, faults: Faults) -> list[Guard]:
    """`guards_json`. The caller checks that the datasets exist."""
    if data is None:
        return []
    if not isinstance(data, list):
        faults.add(GUARDS_PATH, "Must be a list of objects.")
        return []
    if len(data) > MOST_GUARDS:
        faults.add(GUARDS_PATH, f"At most {MOST_GUARDS} guards.")
        return []
    if data and not controls:
        needed = "Guards are measured against the default configuration: they need confirmation_json.controls."
        faults.add(GUARDS_PATH, needed)
    guards = [_parse_guard(entry, guard_path(index), faults) for index, entry in enumerate(data)]
    _refuse_repeated(guards, faults)
    return guards


def guard_path(index: int, field: str = "") -> str:
    """The path of a guard, or of a field of it."""
    return f"{GUARDS_PATH}[{index}]" + (f".{field}" if field else "")


def _parse_guard(data: Any, path: str, faults: Faults) -> Guard:
    fields = Fields(data, faults, path=path, known=("dataset", "max_drop", *EvaluationSpec.model_fields))
    if fields.get("split") == "test":
        fields.refuse("split", "Guards must not use test rows: every trial would see them.")
    evaluation = read_evaluation(fields, splits=SPLITS)
    return Guard(fields.text("dataset", max_length=200), fields.share("max_drop"), evaluation)


def _refuse_repeated(guards: Sequence[Guard], faults: Faults) -> None:
    seen: set[tuple[str, str, str]] = set()
    for index, guard in enumerate(guards):
        key = (guard.dataset, guard.evaluation.judge, guard.evaluation.split)
        if guard.dataset and key in seen:
            faults.add(guard_path(index), f"There is a guard on {guard} already.")
        seen.add(key)


def _breach(guard: Guard, score: float | None, default: float | None) -> Breach | None:
    if default is None:
        return Breach(guard, None, "the default configuration")
    if score is None:
        return Breach(guard, None, "the trial")
    loss = default - score
    return Breach(guard, loss) if loss > guard.max_drop + _ROUNDING else None


def _points(share: float) -> str:
    return f"{100 * share:.3g}"
