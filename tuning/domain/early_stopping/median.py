"""The median rule: a trial continues while its value is better than the median of the running means of the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tuning.domain.early_stopping.stopping_rule import MAX_STEPS, Basis, Options, StoppingRule
from tunix.validation.fields import Fields

DEFAULT_GRACE, DEFAULT_INTERVAL = 0.2, 0.1
DEFAULT_MIN_SAMPLES = 5


class Median(StoppingRule):
    """Rungs are `interval` apart. Nothing is stopped before `min_samples` trials have reached a rung."""

    name = "median"
    option_names = ("interval", "min_samples")
    needs_max_steps = True

    def read_options(self, fields: Fields, unit: str) -> dict[str, float]:
        interval = fields.positive("interval", high=1 if unit == "share" else MAX_STEPS)
        if interval is None and unit == "steps":
            fields.refuse("interval", "Required when unit is steps: the number of steps between rungs.")
        samples = fields.whole("min_samples", default=DEFAULT_MIN_SAMPLES, low=1, high=1000)
        return {"interval": DEFAULT_INTERVAL if interval is None else float(interval), "min_samples": samples}

    def default_grace(self, options: Options) -> float:
        return DEFAULT_GRACE

    def rungs(self, grace: float, options: Options) -> Iterator[float]:
        return (grace + number * options["interval"] for number in count())

    def trials_at_a_rung(self, options: Options) -> int:
        return int(options["min_samples"]) + 1

    def basis_in_words(self, basis: Basis, mode: str, options: Options) -> str:
        return f"the median of the running means of {basis.trials_in_words} is {basis.threshold:.4g}"
