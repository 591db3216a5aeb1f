"""One configuration tried several times is one observation."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.job_definition import JobDefinition
from tuning.domain.sampling.algorithm import Algorithm, InvalidAlgorithm
from tuning.domain.sampling.observation import Observation, together
from tuning.domain.tests.factories import FINITE, make_request

PARAMS = {"learning_rate": 0.01}


def observed(*fates: tuple[str, float | None], lacking: int = 0) -> tuple[str, float | None]:
    found = together([Observation(3, PARAMS, outcome, value) for outcome, value in fates], lacking)  # type: ignore[arg-type]
    assert (found.number, found.params) == (3, PARAMS)
    return found.outcome, found.value


def test_the_mean_of_those_that_completed_counts() -> None:
    assert observed(("completed", 0.2), ("failed", None), ("completed", 0.4)) == ("completed", pytest.approx(0.3))


@pytest.mark.parametrize("lacking", [0, 1])
def test_it_runs_until_the_last_has_ended(lacking: int) -> None:
    fates = [("completed", 0.2)] + [("running", None)] * (1 - lacking)
    assert observed(*fates, lacking=lacking) == ("running", None)


@pytest.mark.parametrize(
    ("fates", "expected"),
    [
        ([("infeasible", None), ("pruned", 0.1)], ("pruned", 0.1)),
        ([("failed", None), ("infeasible", None)], ("infeasible", None)),
        ([("failed", None)], ("failed", None)),
    ],
)
def test_where_none_completed_the_most_telling_counts(fates: list[Any], expected: tuple[str, Any]) -> None:
    assert observed(*fates) == expected


def test_replicates_are_read_and_written() -> None:
    written = Algorithm.parse({"name": "random", "replicates": 3}).to_json()
    assert written == {"name": "random", "replicates": 3}
    assert Algorithm.parse(written).replicates == 3


@pytest.mark.parametrize("replicates", [0, 21, "2", True])
def test_no_number_of_replicates(replicates: Any) -> None:
    with pytest.raises(InvalidAlgorithm) as refused:
        Algorithm.parse({"replicates": replicates})
    assert list(refused.value.errors) == ["algorithm_json.replicates"]


def test_a_grid_has_all_its_combinations_as_often_as_asked() -> None:
    request = make_request(search_space_json=FINITE, algorithm_json={"name": "grid", "replicates": 3})
    assert JobDefinition.parse(request).num_samples == 18


def test_replicates_with_one_seed_are_unusual() -> None:
    request = make_request(fixed_params_json={"seed": 1}, algorithm_json={"replicates": 2})
    assert "algorithm_json.replicates" in JobDefinition.parse(request).warnings
