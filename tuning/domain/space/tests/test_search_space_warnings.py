"""Valid but unusual values are pointed out, and accepted."""

import pytest

from tuning.domain.space.search_space import SearchSpace


@pytest.mark.parametrize(
    ("parameter", "definition", "path"),
    [
        ("learning_rate", {"type": "loguniform", "min": 1e-4, "max": 1e6}, "learning_rate.max"),
        ("learning_rate", {"type": "choice", "values": [1e-3, 1e6]}, "learning_rate.values.1"),
        ("warmup_ratio", {"type": "quniform", "min": 0, "max": 0.25, "q": 0.1}, "warmup_ratio.max"),
        ("batch_size", {"type": "int", "min": 4, "max": 9, "step": 2}, "batch_size.max"),
    ],
)
def test_unusual_value_warns(parameter, definition, path):
    assert list(SearchSpace.parse({parameter: definition}).warnings()) == [f"search_space_json.{path}"]


def test_usual_space_has_no_warnings():
    space = SearchSpace.parse({"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2}})
    assert space.warnings() == {}


def test_largest_step_is_told():
    space = SearchSpace.parse({"batch_size": {"type": "int", "min": 4, "max": 9, "step": 2}})
    assert "end at 8" in space.warnings()["search_space_json.batch_size.max"][0]
