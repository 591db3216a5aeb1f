"""The rank for which the programs of a job's trials are compiled."""

from typing import Any

import pytest

from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.shared_adapters import has_dropout, largest_rank, untuned_base

RATE = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2}}
DEFAULT = 8


def largest(space=RATE, fixed=None, enqueued=(), method="lora"):
    return largest_rank(SearchSpace.parse(space), fixed or {}, enqueued, method)


@pytest.mark.parametrize(
    ("distribution", "rank"),
    [
        ({"type": "choice", "values": [64, 4, 16]}, 64),
        ({"type": "int", "min": 4, "max": 30, "step": 4}, 28),
        ({"type": "constant", "value": 16}, 16),
        ({"type": "int", "min": 1, "max": 4}, DEFAULT),
    ],
)
def test_it_is_the_largest_that_is_searched_but_not_below_the_default(distribution, rank):
    assert largest({"lora_rank": distribution}) == rank


def test_a_fixed_rank_is_the_only_one():
    assert largest(fixed={"lora_rank": 2}) == 2


def test_the_default_rank_counts_where_none_is_given():
    assert largest() == DEFAULT


def test_a_derived_rank_has_its_largest_value():
    sizes, ranks = {"type": "choice", "values": [2, 16]}, {"type": "derived", "product": "2 * batch_size"}
    space = {"batch_size": sizes, "lora_rank": ranks}
    assert largest(space) == 32


def test_an_enqueued_rank_counts():
    space = {"lora_rank": {"type": "choice", "values": [4, 16]}}
    assert largest(space, enqueued=[{"lora_rank": 128}, {"learning_rate": 1e-3}]) == 128


@pytest.mark.parametrize("method", ["full", "untuned"])
def test_without_adapters_there_is_none(method):
    assert largest(method=method) == 0


def dropout_in(space: Any, fixed: Any = None, enqueued: Any = ()) -> bool:
    return has_dropout(SearchSpace.parse(space), fixed or {}, enqueued, "lora")


def test_dropout_is_searched_enqueued_or_fixed() -> None:
    rate = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2}}
    assert not dropout_in(rate)
    assert dropout_in({"lora_dropout": {"type": "choice", "values": [0, 0.1]}})
    assert dropout_in(rate, fixed={"lora_dropout": 0.1})
    assert dropout_in(rate, enqueued=[{"lora_dropout": 0.1}])


def test_the_untuned_base_is_that_of_the_trials() -> None:
    assert untuned_base({}, "full") == {}
    assert untuned_base({"base_dtype": "bfloat16"}, "lora") == {"untuned_dtype": "bfloat16"}
    assert untuned_base({}, "qlora") == {"untuned_dtype": "float32", "untuned_quantization": "nf4"}
