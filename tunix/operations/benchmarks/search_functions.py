"""The test functions of `benchmark search`: their search spaces, and the values that trials report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tuning.domain.space.conditions import Condition
from tuning.domain.space.distributions.choices import Choice
from tuning.domain.space.distributions.integers import Int
from tuning.domain.space.distributions.ranges import Uniform
from tuning.domain.space.search_space import SearchSpace

from . import surfaces

Params = Mapping[str, Any]
SECOND = ("rosenbrock", "camel", "beale", "beale again", "beale once more")


@dataclass(frozen=True)
class Function:
    """A function to minimise; `noise` is the standard deviation of its observed values."""

    space: SearchSpace
    value: Callable[[Params], float]
    minimum: float
    noise: float = 0.0

    def observed(self, params: Params, seed: int, number: int) -> float:
        """The value that trial `number` of a search with this seed reports."""
        return self.value(params) + (self.noise * surfaces.noise(seed, number) if self.noise else 0.0)

    def regret(self, value: float) -> float:
        """The difference between a value without noise and the minimum."""
        return max(value - self.minimum, 0.0)


def _reals(names: str, low: float, high: float) -> SearchSpace:
    return SearchSpace({name: Uniform(low, high) for name in names})


def _point(params: Params) -> list[Any]:
    return [params[name] for name in sorted(params)]


def _tree_space() -> SearchSpace:
    leaves = {f"depth_{leaf}": Uniform(-1, 1) for leaf in range(4)}
    sides = {f"offset_{side}": Uniform(0, 1) for side in range(2)}
    decisions = {"side": Choice((0, 1)), "left": Choice((0, 1)), "right": Choice((0, 1))}
    conditions = {
        "left": {"side": (0,)},
        "right": {"side": (1,)},
        "offset_0": {"side": (0,)},
        "offset_1": {"side": (1,)},
        "depth_0": {"left": (0,)},
        "depth_1": {"left": (1,)},
        "depth_2": {"right": (0,)},
        "depth_3": {"right": (1,)},
    }
    return SearchSpace(
        {**decisions, **leaves, **sides}, conditions={name: Condition(values) for name, values in conditions.items()}
    )


def _tree(params: Params) -> float:
    side = params["side"]
    leaf = 2 * side + params["right" if side else "left"]
    return surfaces.tree(leaf, params[f"depth_{leaf}"], params[f"offset_{side}"])


FUNCTIONS: dict[str, Function] = {
    "branin": Function(
        SearchSpace({"x": Uniform(-5, 10), "y": Uniform(0, 15)}),
        lambda params: surfaces.branin(params["x"], params["y"]),
        minimum=0.397887,
    ),
    "hartmann6": Function(_reals("abcdef", 0, 1), lambda params: surfaces.hartmann6(_point(params)), minimum=-3.322369),
    "rosenbrock4": Function(_reals("abcd", -5, 10), lambda params: surfaces.rosenbrock(_point(params)), minimum=0.0),
    "tree": Function(_tree_space(), _tree, minimum=0.1),
    "integers": Function(
        SearchSpace({name: Int(-32, 32) for name in "abcd"}),
        lambda params: surfaces.shifted_ackley(_point(params)),
        minimum=0.0,
    ),
    "noisy": Function(
        SearchSpace({"x": Uniform(-3, 3), "y": Uniform(-2, 2)}),
        lambda params: surfaces.six_hump_camel(params["x"], params["y"]),
        minimum=-1.031628,
        noise=0.5,
    ),
    "mixed": Function(
        SearchSpace({"first": Choice(SECOND[:3]), "second": Choice(SECOND), "x": Uniform(-1, 1), "y": Uniform(-1, 1)}),
        lambda params: surfaces.two_choices(params["first"], params["second"], params["x"], params["y"]),
        minimum=-0.206326,
    ),
}
