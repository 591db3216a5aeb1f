"""The fingerprint of a parameter set."""

import pytest

from tuning.domain.space.params_hash import params_hash


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 0.0}, {"a": -0.0}),
        ({"a": 1e16}, {"a": 10**16}),
    ],
)
def test_same(left, right):
    assert params_hash(left) == params_hash(right)


@pytest.mark.parametrize(("left", "right"), [({"a": 1}, {"a": True}), ({"a": 1}, {"a": "1"}), ({"a": 1}, {"b": 1})])
def test_different(left, right):
    assert params_hash(left) != params_hash(right)


def test_stays_what_it_was():
    assert params_hash({"learning_rate": 0.001, "batch_size": 32}) == (
        "5413cf8c35352ba98b5b541c6a98a1b990b69a973d0e4ce0fb5c4f36f04736f5"
    )
