"""What a valid space knows: its JSON, its members, its size."""

import json

import pytest

from tuning.domain.space.distributions.integers import Int
from tuning.domain.space.distributions.steps import QUniform
from tuning.domain.space.grid import grid_size
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import FINITE, MIXED


def of(**definition):
    return SearchSpace.parse({"learning_rate": definition}).parameters["learning_rate"]


def test_json_round_trip():
    space = SearchSpace.parse(MIXED)
    assert SearchSpace.parse(json.loads(json.dumps(space.to_json()))) == space


def test_json_is_what_was_given():
    assert SearchSpace.parse(FINITE).to_json() == FINITE


def test_names_do_not_depend_on_the_order_given():
    assert SearchSpace.parse(dict(reversed(MIXED.items()))).names == SearchSpace.parse(MIXED).names


@pytest.mark.parametrize(
    ("definition", "inside", "outside"),
    [
        ({"type": "uniform", "min": 0.1, "max": 0.2}, [0.1, 0.15, 0.2], [0.09, 0.21, "0.1", True, None]),
        ({"type": "quniform", "min": 0.1, "max": 0.5, "q": 0.1}, [0.1, 0.3, 0.5], [0.25, 0.6, 1e308]),
        ({"type": "choice", "values": [1, 0.5]}, [1, 1.0, 0.5], [True, 2, "1"]),
        ({"type": "constant", "value": 1}, [1], [True, 2]),
        ({"type": "int", "min": 1, "max": 8, "step": 3}, [1, 4, 7], [8, 2, 1.5, 10]),
    ],
)
def test_contains(definition, inside, outside):
    distribution = of(**definition)
    assert [value for value in [*inside, *outside] if distribution.contains(value)] == inside


def test_contains_wants_every_parameter_and_no_other():
    space = SearchSpace.parse(FINITE)
    assert space.contains({"batch_size": 16, "num_epochs": 1})
    assert not space.contains({"batch_size": 16})
    assert not space.contains({"batch_size": 16, "num_epochs": 1, "seed": 0})


def test_grid_size_is_a_product():
    assert grid_size(SearchSpace.parse(FINITE)) == 6


def test_grid_size_of_a_continuous_space_is_unknown():
    assert grid_size(SearchSpace.parse(MIXED)) is None


def test_grid_size_does_not_overflow():
    parameters = {f"p{index}": Int(0, 2**53 - 1) for index in range(50)}
    assert grid_size(SearchSpace(parameters)) == 2 ** (53 * 50)


def test_quantized_values_have_no_artefacts():
    grid = QUniform(0, 1, 0.1)
    assert [grid.value_at(index) for index in range(grid.size)] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
