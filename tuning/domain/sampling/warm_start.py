"""What the finished trials of other jobs say to the sampler of a new one, before its first slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tuning.domain.sampling.observation import Observation
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

WARM_START_PATH = "warm_start_json"
MOST_JOBS = 20
MOST_OBSERVATIONS = 1_000
"""A sampler takes longer with each observation: of more than these the latest are told."""
LEARNERS = frozenset({"tpe", "gp"})
"""Samplers that learn from trials that they have not proposed themselves."""
TELLING = frozenset({"completed", "pruned", "infeasible"})


@dataclass(frozen=True)
class Comparable:
    """What two jobs must share for the values of their trials to compare."""

    dataset: str
    dataset_version: str
    base_model: str
    evaluation: Mapping[str, Any]
    judge_version: str | None
    objectives: Sequence[tuple[str, str]]

    def differences(self, other: Comparable) -> list[str]:
        """What `other` has instead, in words. A judge's version that is not known differs from none."""
        found = []
        if self.dataset_version != other.dataset_version:
            found.append(f"data set {other.dataset} instead of {self.dataset}")
        if self.base_model != other.base_model:
            found.append(f"base model {other.base_model} instead of {self.base_model}")
        for name, value in self.evaluation.items():
            if other.evaluation.get(name) != value:
                found.append(f"{name} {other.evaluation.get(name)} instead of {value}")
        if None not in (self.judge_version, other.judge_version) and self.judge_version != other.judge_version:
            found.append(f"judge version {other.judge_version} instead of {self.judge_version}")
        if list(self.objectives) != list(other.objectives):
            found.append(f"{_listed(other.objectives)} instead of {_listed(self.objectives)}")
        return found


def _listed(objectives: Iterable[tuple[str, str]]) -> str:
    return "metric " + " and ".join(f"{name} ({mode})" for name, mode in objectives)


def parse_warm_start(data: Any, faults: Faults) -> list[str]:
    """`warm_start_json`: the ids of the jobs, 1 to 20 of them; none where it is null."""
    if data is None:
        return []
    jobs = Fields(data, faults, path=WARM_START_PATH, known=("jobs",)).get("jobs")
    path = f"{WARM_START_PATH}.jobs"
    if not isinstance(data, Mapping):
        return []
    if not isinstance(jobs, list) or not 1 <= len(jobs) <= MOST_JOBS:
        faults.add(path, f"Must be a list of the ids of 1 to {MOST_JOBS} jobs.")
        return []
    ids = [_id(value, job_path(index), faults) for index, value in enumerate(jobs)]
    for index, job in enumerate(ids):
        if job and job in ids[:index]:
            faults.add(job_path(index), "Is named already.")
    return ids


def job_path(index: int) -> str:
    """The path of one of the jobs."""
    return f"{WARM_START_PATH}.jobs[{index}]"


def _id(value: Any, path: str, faults: Faults) -> str:
    try:
        return str(UUID(value)) if isinstance(value, str) else _refused(path, faults)
    except ValueError:
        return _refused(path, faults)


def _refused(path: str, faults: Faults) -> str:
    faults.add(path, "Must be the id of a job.")
    return ""


def known_params(space: SearchSpace, hyperparameters: Mapping[str, Any]) -> dict[str, Scalar] | None:
    """The configuration of `space` that a run with these hyperparameters was; None where it lies outside.

    Hyperparameters that the space does not have are left out.
    """
    params: dict[str, Scalar] = {}
    for name in space.names:
        if not space.exists(name, params):
            continue
        if name not in hyperparameters:
            return None
        params[name] = hyperparameters[name]
    return params if space.contains(params) else None


def to_json(observations: Sequence[Observation]) -> list[dict[str, Any]]:
    """As they are stored, the latest MOST_OBSERVATIONS of them."""
    return [
        {
            "params": dict(one.params),
            "outcome": one.outcome,
            "value": one.value,
            "values": list(one.values),
            "step": one.step,
        }
        for one in observations[-MOST_OBSERVATIONS:]
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> list[Observation]:
    """The same, numbered below 0: they come before every slot of the job, in their order."""
    return [
        Observation(
            number=index - len(stored),
            params=one["params"],
            outcome=one["outcome"],
            value=one["value"],
            values=tuple(one["values"]),
            step=one["step"],
        )
        for index, one in enumerate(stored)
    ]
