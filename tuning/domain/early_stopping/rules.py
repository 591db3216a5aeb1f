"""`early_stopping_json`: which rule may end trials before their end, by which metric, and at which rungs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunix.pipeline.metrics import default_mode
from tunix.pipeline.spec import Rungs, Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

PATH = "early_stopping_json"
RULES = ("asha", "hyperband", "median")
METRICS = ("eval_loss", "train_loss")
"""What a run reports on its way. A score is only known at its end."""
UNITS = ("share", "steps")
COMMON = ("name", "metric", "mode", "unit", "grace", "max_steps")
HALVING = ("reduction_factor", "brackets")
MEDIAN = ("interval", "min_samples")
MAX_STEPS = 1_000_000
MAX_RUNGS = 100
MAX_BRACKETS = 10
DEFAULT_FACTOR = 4
DEFAULT_BRACKETS = {"asha": 1, "hyperband": 3}
DEFAULT_MEDIAN_GRACE, DEFAULT_INTERVAL = 0.2, 0.1
DEFAULT_MIN_SAMPLES = 5
_END = 1 - 1e-9
"""Of a training, as a share: at its end nothing is left to be saved."""


@dataclass(frozen=True)
class EarlyStopping:
    """A rule with its options resolved. `mode` says which way the stopping metric is better.

    Rungs begin at `grace`. They are shares of each trial's own training, so that trials with other batch sizes and
    epochs are compared where as much of their schedule is behind them, or steps.
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
        """What `to_json` wrote; None where no trial is stopped."""
        return parse_early_stopping(data, Faults())

    @property
    def is_halving(self) -> bool:
        """Whether the best 1/reduction_factor go on at each rung; else those better than the median do."""
        return self.name != "median"

    @property
    def end(self) -> float:
        """In the unit of the rungs: where there are none any more."""
        return _END if self.unit == "share" else self.max_steps or MAX_STEPS

    @property
    def rungs(self) -> Rungs:
        """As a run is told them."""
        return Rungs.model_validate({"metric": self.metric, "unit": self.unit, "at": list(self._lie_at())})

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse_early_stopping` reads back, defaults included."""
        common = {"name": self.name, "metric": self.metric, "mode": self.mode, "unit": self.unit, "grace": self.grace}
        steps = {"max_steps": self.max_steps} if self.unit == "steps" else {}
        return {**common, **steps, **self.options}

    def _lie_at(self) -> Iterator[float]:
        """Of a halving rule where Ray's are, to the last bit."""
        factor, interval = self.options.get("reduction_factor", 0), self.options.get("interval", 0)
        for number in range(MAX_RUNGS + 1):
            at = self.grace * factor**number if self.is_halving else self.grace + number * interval
            if at >= self.end:
                return
            yield at


def parse_early_stopping(data: Any, faults: Faults) -> EarlyStopping | None:
    """`early_stopping_json`; None where it is null or empty."""
    if data in (None, {}, []):
        return None
    name = _name(data, faults)
    own = HALVING if name != "median" else MEDIAN
    fields = Fields(data, faults, path=PATH, known=(*COMMON, *own))
    metric = fields.choice("metric", METRICS, "eval_loss")
    unit = fields.choice("unit", UNITS, "share")
    options = _median_options(fields, unit) if name == "median" else _halving_options(fields, name)
    stopping = EarlyStopping(
        name=name,
        metric=metric,
        mode=fields.choice("mode", ("min", "max"), default_mode(metric)),
        unit=unit,
        grace=_grace(fields, unit, options),
        max_steps=_max_steps(fields, unit, name),
        options=options,
    )
    _refuse_what_stops_nothing(stopping, fields)
    return stopping


def stopping_warnings(stopping: EarlyStopping, schedules: Sequence[Scalar]) -> list[str]:
    """What is unusual about a rule: a metric that is sought upside down, rungs while the learning rate still falls.

    `schedules` are those that trials may have.
    """
    found = []
    if stopping.mode != default_mode(stopping.metric):
        found.append(f"{stopping.metric} is better when smaller: max keeps the worst trials.")
    if falling := sorted({str(schedule) for schedule in schedules} - {"constant"}):
        found.append(
            f"Rungs fall inside a decaying schedule ({', '.join(falling)}): a loss at a rung does not compare with one "
            "at the end, and a high learning rate looks worse there than it ends. Raise grace where rates vary much, "
            "or fix schedule to constant."
        )
    return found


def _name(data: Any, faults: Faults) -> str:
    """Told before the other fields are: which of them there are depends on it."""
    alone = {"name": data.get("name")} if isinstance(data, Mapping) else {}
    fields = Fields(alone, faults, path=PATH, known=("name",))
    if isinstance(data, Mapping) and alone["name"] is None:
        fields.refuse("name", f"Required: one of {', '.join(RULES)}.")
    return fields.choice("name", RULES, RULES[0])


def _halving_options(fields: Fields, name: str) -> dict[str, float]:
    factor = fields.whole("reduction_factor", default=DEFAULT_FACTOR, low=2, high=10)
    least = 2 if name == "hyperband" else 1
    brackets = fields.whole("brackets", default=DEFAULT_BRACKETS[name], low=least, high=MAX_BRACKETS)
    return {"reduction_factor": factor, "brackets": brackets}


def _median_options(fields: Fields, unit: str) -> dict[str, float]:
    given = fields.positive("interval", high=1 if unit == "share" else MAX_STEPS)
    if given is None and unit == "steps":
        fields.refuse("interval", "Required where unit is steps: rungs are so many steps apart.")
    samples = fields.whole("min_samples", default=DEFAULT_MIN_SAMPLES, low=1, high=1000)
    return {"interval": DEFAULT_INTERVAL if given is None else float(given), "min_samples": samples}


def _grace(fields: Fields, unit: str, options: Mapping[str, float]) -> float:
    given = fields.positive("grace", high=1 if unit == "share" else MAX_STEPS)
    if given is None and unit == "steps":
        fields.refuse("grace", "Required where unit is steps: the first rung.")
    if given is not None:
        return float(given)
    factor = options.get("reduction_factor")
    return DEFAULT_MEDIAN_GRACE if factor is None else factor**-2


def _max_steps(fields: Fields, unit: str, name: str) -> int | None:
    if fields.get("max_steps") is None:
        if unit == "steps" and name == "median":
            fields.refuse("max_steps", "Required where unit is steps: no rung lies beyond it.")
        return None
    if unit == "share":
        fields.refuse("max_steps", "Only where unit is steps: shares end with the training.")
    return fields.whole("max_steps", default=MAX_STEPS, low=1, high=MAX_STEPS)


def _refuse_what_stops_nothing(stopping: EarlyStopping, fields: Fields) -> None:
    rungs = len(stopping.rungs.at)
    if not rungs:
        fields.refuse("grace", "There is no rung before the end: lower it.")
    if rungs > MAX_RUNGS:
        fields.refuse("interval", f"More than {MAX_RUNGS} rungs: raise it.")
    if rungs and stopping.options.get("brackets", 1) > rungs + 1:
        fields.refuse("brackets", f"With {rungs} rungs, at most {rungs + 1}: each begins a rung later.")
