"""`early_stopping_json`: which rule may end trials early, by which metric, and at which rungs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from tuning.domain.early_stopping.halving import Halving
from tuning.domain.early_stopping.median import Median
from tuning.domain.early_stopping.stopping_rule import MAX_STEPS, Group, StoppingRule
from tunix.pipeline.metrics import default_mode
from tunix.pipeline.spec import Rungs, Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

PATH = "early_stopping_json"
RULES: dict[str, StoppingRule] = {
    rule.name: rule
    for rule in (
        Halving("asha", default_brackets=1, min_brackets=1),
        Halving("hyperband", default_brackets=3, min_brackets=2),
        Median(),
    )
}
METRICS = ("eval_loss", "train_loss")
"""What a run reports during its training. A score is only known at its end."""
UNITS = ("share", "steps")
COMMON = ("name", "metric", "mode", "unit", "grace", "max_steps")
MAX_RUNGS = 100
_END = 1 - 1e-9
"""Of a training, as a share: at its end nothing is left to be saved."""


@dataclass(frozen=True)
class EarlyStopping:
    """A rule with its options resolved. `mode` says which way the stopping metric is better.

    Rungs begin at `grace`. They are steps, or shares of each trial's own training: trials with different batch sizes
    and epochs are then compared at the same point of their schedules.
    """

    name: str
    metric: str
    mode: str
    unit: str
    grace: float
    max_steps: int | None = None
    options: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Any) -> EarlyStopping | None:
        """What `to_json` wrote; None when no trial is stopped."""
        return parse_early_stopping(data, Faults())

    @property
    def rule(self) -> StoppingRule:
        return RULES[self.name]

    @property
    def end(self) -> float:
        """From here on there are no rungs, in the unit of the rungs."""
        return _END if self.unit == "share" else self.max_steps or MAX_STEPS

    @property
    def horizon(self) -> int:
        """The end of a training as the rules count it: 1 in shares, and as many steps as there can be in steps."""
        return 1 if self.unit == "share" else int(self.end)

    def groups(self, numbers: range, seed: int) -> Iterator[Group]:
        """The trials with these numbers in groups that are compared among themselves, in a job with this seed."""
        return self.rule.groups(self.grace, self.horizon, self.options, numbers, seed)

    @property
    def rungs(self) -> Rungs:
        """The rungs as part of a run's specification; one more than MAX_RUNGS when there are too many."""
        before_end = takewhile(lambda at: at < self.end, self.rule.rungs(self.grace, self.options))
        at = list(islice(before_end, MAX_RUNGS + 1))
        return Rungs.model_validate({"metric": self.metric, "unit": self.unit, "at": at})

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse_early_stopping` reads back, defaults included."""
        common = {"name": self.name, "metric": self.metric, "mode": self.mode, "unit": self.unit, "grace": self.grace}
        steps = {"max_steps": self.max_steps} if self.unit == "steps" else {}
        return {**common, **steps, **self.options}


def parse_early_stopping(data: Any, faults: Faults) -> EarlyStopping | None:
    """`early_stopping_json`; None when it is null or empty."""
    if data in (None, {}, []):
        return None
    rule = _rule(data, faults)
    fields = Fields(data, faults, path=PATH, known=(*COMMON, *rule.option_names))
    metric = fields.choice("metric", METRICS, "eval_loss")
    unit = fields.choice("unit", UNITS, "share")
    options = rule.read_options(fields, unit)
    stopping = EarlyStopping(
        name=rule.name,
        metric=metric,
        mode=fields.choice("mode", ("min", "max"), default_mode(metric)),
        unit=unit,
        grace=_grace(fields, unit, rule.default_grace(options)),
        max_steps=_max_steps(fields, unit, is_required=rule.needs_max_steps),
        options=options,
    )
    _refuse_unusable_rungs(stopping, fields)
    return stopping


def stopping_warnings(stopping: EarlyStopping, schedules: Sequence[Scalar]) -> list[str]:
    """Unusual settings: a metric optimized in the wrong direction, or rungs while the learning rate still decays.

    `schedules` are those that trials may have.
    """
    found = []
    if stopping.mode != default_mode(stopping.metric):
        found.append(f"{stopping.metric} is better when smaller: max keeps the worst trials.")
    if decaying := sorted({str(schedule) for schedule in schedules} - {"constant"}):
        found.append(
            f"Rungs fall inside a decaying schedule ({', '.join(decaying)}): a loss at a rung is not comparable with "
            "one at the end, and a high learning rate looks worse at a rung than at the end. Raise grace when rates "
            "vary much, or fix schedule to constant."
        )
    return found


def _rule(data: Any, faults: Faults) -> StoppingRule:
    """Read before the other fields, because it decides which of them exist."""
    alone = {"name": data.get("name")} if isinstance(data, Mapping) else {}
    fields = Fields(alone, faults, path=PATH, known=("name",))
    if isinstance(data, Mapping) and alone["name"] is None:
        fields.refuse("name", f"Required: one of {', '.join(RULES)}.")
    return RULES[fields.choice("name", RULES, next(iter(RULES)))]


def _grace(fields: Fields, unit: str, default: float) -> float:
    grace = fields.positive("grace", high=1 if unit == "share" else MAX_STEPS)
    if grace is None and unit == "steps":
        fields.refuse("grace", "Required when unit is steps: the first rung.")
    return default if grace is None else float(grace)


def _max_steps(fields: Fields, unit: str, *, is_required: bool) -> int | None:
    if fields.get("max_steps") is None:
        if unit == "steps" and is_required:
            fields.refuse("max_steps", "Required when unit is steps: no rung lies beyond it.")
        return None
    if unit == "share":
        fields.refuse("max_steps", "Only allowed when unit is steps: shares end with the training.")
    return fields.whole("max_steps", default=MAX_STEPS, low=1, high=MAX_STEPS)


def _refuse_unusable_rungs(stopping: EarlyStopping, fields: Fields) -> None:
    rungs = len(stopping.rungs.at)
    if not rungs:
        fields.refuse("grace", "There is no rung before the end: lower it.")
    if rungs > MAX_RUNGS:
        fields.refuse("interval", f"More than {MAX_RUNGS} rungs: raise it.")
    most = stopping.rule.max_brackets(rungs)
    if rungs and most is not None and stopping.options["brackets"] > most:
        fields.refuse("brackets", f"With {rungs} rungs, at most {most}: each begins a rung later.")
