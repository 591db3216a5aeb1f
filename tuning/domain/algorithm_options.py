"""The options of each search algorithm: what they are called, their bounds, their defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tuning.domain.fields import Fields

MAX_STARTUP = 1000

Options = dict[str, Any]


def read_options(name: str, fields: Fields) -> Options:
    """The options of the algorithm called `name`, resolved; what is wrong goes into the faults of `fields`."""
    reader = _READERS.get(name)
    return reader(fields) if reader else {}


def _tpe(fields: Fields) -> Options:
    options = {
        "n_startup_trials": _startup(fields, 10, low=1),
        "multivariate": fields.truth("multivariate", default=True),
        "group": fields.truth("group", default=False),
        "n_ei_candidates": fields.whole("n_ei_candidates", default=24, low=1, high=10_000),
    }
    if options["group"] and not options["multivariate"]:
        fields.refuse("group", "Needs multivariate: parameters are grouped to be drawn together.")
    return options


def _startup(fields: Fields, default: int, *, low: int) -> int:
    return fields.whole("n_startup_trials", default=default, low=low, high=MAX_STARTUP)


_READERS: dict[str, Callable[[Fields], Options]] = {"tpe": _tpe}

OPTIONS: dict[str, tuple[str, ...]] = {
    "random": (),
    "grid": (),
    "sobol": (),
    "tpe": ("n_startup_trials", "multivariate", "group", "n_ei_candidates"),
}
"""Every algorithm, and the names of its options."""
