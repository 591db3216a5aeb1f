"""The space of a stored job is parsed once for a given text."""

from __future__ import annotations

import pickle

import pytest

from tuning.domain.space.reading import KEPT, _read, read_space
from tuning.domain.space.search_space import InvalidSearchSpace

SPACE = {
    "batch_size": {"type": "choice", "values": [16, 32]},
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2, "when": {"batch_size": [16]}},
}


def test_the_same_text_is_the_same_space() -> None:
    assert read_space(SPACE, ["batch_size >= 16"]) is read_space(dict(SPACE), ["batch_size >= 16"])


def test_constraints_make_another_space() -> None:
    assert read_space(SPACE) is not read_space(SPACE, ["batch_size >= 16"])


def test_values_that_only_python_calls_equal_make_another_space() -> None:
    spaces = [read_space({"weight_decay": {"type": "choice", "values": [0.5, one]}}) for one in (1, 1.0)]
    assert [type(space.to_json()["weight_decay"]["values"][1]) for space in spaces] == [int, float]


def test_a_space_that_is_not_valid_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(InvalidSearchSpace):
            read_space({"no_such": {"type": "uniform", "min": 0, "max": 1}})


def test_the_cache_is_bounded() -> None:
    assert _read.cache_info().maxsize == KEPT


def test_a_shared_space_cannot_be_changed() -> None:
    space = read_space(SPACE)
    with pytest.raises(TypeError):
        space.parameters["batch_size"] = space.parameters["learning_rate"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        space.constraints.append("batch_size >= 16")  # type: ignore[attr-defined]


def test_what_was_given_can_be_changed_without_the_space() -> None:
    given = dict(SPACE)
    space = read_space(given)
    del given["learning_rate"]
    assert set(space.parameters) == set(SPACE)


def test_a_space_survives_pickling() -> None:
    space = read_space(SPACE, ["batch_size >= 16"])
    assert pickle.loads(pickle.dumps(space)) == space  # noqa: S301
