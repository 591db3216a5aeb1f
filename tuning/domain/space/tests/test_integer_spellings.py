"""`logint` and `int` with `log` are the same distribution, and each is written back as it was read."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.space.distributions.faults import InvalidDistribution
from tuning.domain.space.distributions.integers import Int
from tuning.domain.space.distributions.registry import parse_distribution

LOGINT = {"type": "logint", "min": 2, "max": 900}
INT_WITH_LOG = {"type": "int", "min": 2, "max": 900, "log": True}


@pytest.mark.parametrize("definition", [LOGINT, INT_WITH_LOG, {"type": "int", "min": 1, "max": 9, "step": 2}])
def test_a_definition_is_written_back_as_it_was_read(definition: dict[str, Any]) -> None:
    assert parse_distribution(definition).to_json() == definition


def test_both_spellings_have_the_same_values() -> None:
    one, other = parse_distribution(LOGINT), parse_distribution(INT_WITH_LOG)
    shares = [index / 50 for index in range(50)]

    assert isinstance(one, Int)
    assert [one.quantile(share) for share in shares] == [other.quantile(share) for share in shares]
    assert one.search_form() == other.search_form()


@pytest.mark.parametrize("field", ["log", "step"])
def test_logint_has_bounds_only(field: str) -> None:
    with pytest.raises(InvalidDistribution) as refused:
        parse_distribution({**LOGINT, field: 1})

    assert refused.value.errors[field][0].startswith("Unknown for logint.")
