"""The options of each search algorithm with their bounds and defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tunix.validation.fields import Fields

CROSSOVERS = ("uniform", "blxalpha", "sbx", "vsbx", "spx", "undx")
MAX_STARTUP = 1000
MAX_POPULATION = 1000
MAX_CANDIDATES = 10_000

Options = dict[str, Any]


def read_options(name: str, fields: Fields) -> Options:
    """The options of algorithm `name` with defaults filled in. Faults are added to those of `fields`."""
    reader = _READERS.get(name)
    return reader(fields) if reader else {}


def _tpe(fields: Fields) -> Options:
    options = {
        "n_startup_trials": _startup(fields, 10, low=1),
        "multivariate": fields.truth("multivariate", default=True),
        "group": fields.truth("group", default=False),
        "n_ei_candidates": fields.whole("n_ei_candidates", default=24, low=1, high=MAX_CANDIDATES),
    }
    if options["group"] and not options["multivariate"]:
        fields.refuse("group", "Needs multivariate: groups are sampled together.")
    return options


def _cmaes(fields: Fields) -> Options:
    return {
        "n_startup_trials": _startup(fields, 1, low=0),
        "sigma0": fields.positive("sigma0", high=1.0),
        "popsize": _whole_or_none(fields, "popsize", low=4, high=MAX_POPULATION),
        "lr_adapt": fields.truth("lr_adapt", default=False),
    }


def _nsga2(fields: Fields) -> Options:
    return {
        "population_size": fields.whole("population_size", default=20, low=4, high=MAX_POPULATION),
        "mutation_prob": _share(fields, "mutation_prob", None),
        "crossover": fields.choice("crossover", CROSSOVERS, "uniform"),
        "crossover_prob": _share(fields, "crossover_prob", 0.9),
        "swapping_prob": _share(fields, "swapping_prob", 0.5),
    }


def _gp(fields: Fields) -> Options:
    return {"n_startup_trials": _startup(fields, 10, low=2)}


def _startup(fields: Fields, default: int, *, low: int) -> int:
    return fields.whole("n_startup_trials", default=default, low=low, high=MAX_STARTUP)


def _whole_or_none(fields: Fields, key: str, *, low: int, high: int) -> int | None:
    return None if fields.get(key) is None else fields.whole(key, default=low, low=low, high=high)


def _share(fields: Fields, key: str, default: float | None) -> float | None:
    return default if fields.get(key) is None else fields.share(key)


_READERS: dict[str, Callable[[Fields], Options]] = {"tpe": _tpe, "cmaes": _cmaes, "nsga2": _nsga2, "gp": _gp}

OPTIONS: dict[str, tuple[str, ...]] = {
    "random": (),
    "grid": (),
    "sobol": (),
    "tpe": ("n_startup_trials", "multivariate", "group", "n_ei_candidates"),
    "cmaes": ("n_startup_trials", "sigma0", "popsize", "lr_adapt"),
    "nsga2": ("population_size", "mutation_prob", "crossover", "crossover_prob", "swapping_prob"),
    "gp": ("n_startup_trials",),
}
"""Every algorithm with the names of its options."""
