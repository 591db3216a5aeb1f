"""Warnings about a valid but doubtful combination of space, algorithm and number of trials."""

from __future__ import annotations

import math

from tuning.domain.sampling.algorithm import ALGORITHM_PATH, Algorithm, numbers_of_every_configuration
from tuning.domain.space.search_space import SearchSpace
from tunix.validation.errors import Faults, Messages, join


def advice(space: SearchSpace, algorithm: Algorithm, num_samples: int) -> Messages:
    """Warnings by path."""
    found = Faults()
    if algorithm.name == "cmaes":
        _of_cmaes(space, found)
    generation = first_generation(space, algorithm)
    if generation is not None and num_samples <= generation:
        message = (
            f"The first {generation:,} trials are random, so with {num_samples:,} trials the sampler learns nothing."
        )
        found.add("num_samples", f"{message} Use more trials, a smaller generation, or tpe.")
    return found.messages


def first_generation(space: SearchSpace, algorithm: Algorithm) -> int | None:
    """The number of trials before an algorithm with generations learns from any; None for other algorithms."""
    options = algorithm.options
    if algorithm.name == "nsga2":
        return int(options["population_size"])
    if algorithm.name != "cmaes":
        return None
    size = len(numbers_of_every_configuration(space))
    # Hansen's default, arXiv:1604.00772, equation 48
    popsize = options["popsize"] or 4 + math.floor(3 * math.log(max(size, 1)))
    return int(options["n_startup_trials"] + popsize)


def _of_cmaes(space: SearchSpace, found: Faults) -> None:
    numbers = numbers_of_every_configuration(space)
    others = [name for name in space.sampled if name not in numbers and space.parameters[name].size != 1]
    if others:
        why = "cmaes searches only numbers that every configuration has"
        found.add(join(ALGORITHM_PATH, "name"), f"Sampled at random, because {why}: {', '.join(others)}.")
    if len(numbers) == 1:
        found.add(join(ALGORITHM_PATH, "name"), f"cmaes would search only {numbers[0]}: tpe needs fewer trials.")
