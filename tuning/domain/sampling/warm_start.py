"""Warm start: the finished trials of other jobs as observations for the sampler of a new job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tuning.domain.sampling.observation import Observation
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

WARM_START_PATH = "warm_start_json"
MAX_SOURCE_JOBS = 20
MAX_OBSERVATIONS = 1_000
"""Only the latest observations are used, because each one makes the sampler slower."""
LEARNERS = frozenset({"tpe", "gp"})
"""Samplers that can learn from trials that they did not propose."""
INFORMATIVE_OUTCOMES = frozenset({"completed", "pruned", "infeasible"})
"""Outcomes that a sampler learns from."""


@dataclass(frozen=True)
class Comparable:
    """What two jobs must share for their values to be comparable."""

    dataset: str
    dataset_version: str
    base_model: str
    method: str
    prompt: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    judge_version: str | None
    objectives: Sequence[tuple[str, str]]

    def differences(self, other: Comparable) -> list[str]:
        """How `other` differs, in words. An unknown judge version differs from none."""
        found = []
        if self.dataset_version != other.dataset_version:
            found.append(f"dataset {other.dataset} instead of {self.dataset}")
        if self.base_model != other.base_model:
            found.append(f"base model {other.base_model} instead of {self.base_model}")
        if self.method != other.method:
            found.append(f"method {other.method} instead of {self.method}")
        found += _differing(self.prompt, other.prompt, "prompt ")
        found += _differing(self.evaluation, other.evaluation)
        if None not in (self.judge_version, other.judge_version) and self.judge_version != other.judge_version:
            found.append(f"judge version {other.judge_version} instead of {self.judge_version}")
        if list(self.objectives) != list(other.objectives):
            found.append(f"{_listed(other.objectives)} instead of {_listed(self.objectives)}")
        return found


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any], kind: str = "") -> Iterator[str]:
    for name in dict.fromkeys([*ours, *theirs]):
        if theirs.get(name) != ours.get(name):
            yield f"{kind}{name} {theirs.get(name)} instead of {ours.get(name)}"


def _listed(objectives: Iterable[tuple[str, str]]) -> str:
    return "metric " + " and ".join(f"{name} ({mode})" for name, mode in objectives)


def parse_warm_start(data: Any, faults: Faults) -> list[str]:
    """The ids of the jobs in `warm_start_json`, 1 to 20; none if it is null."""
    if data is None:
        return []
    jobs = Fields(data, faults, path=WARM_START_PATH, known=("jobs",)).get("jobs")
    path = f"{WARM_START_PATH}.jobs"
    if not isinstance(data, Mapping):
        return []
    if not isinstance(jobs, list) or not 1 <= len(jobs) <= MAX_SOURCE_JOBS:
        faults.add(path, f"Must be a list of the ids of 1 to {MAX_SOURCE_JOBS} jobs.")
        return []
    ids = [_id(value, job_path(index), faults) for index, value in enumerate(jobs)]
    for index, job in enumerate(ids):
        if job and job in ids[:index]:
            faults.add(job_path(index), "Is listed twice.")
    return ids


def job_path(index: int) -> str:
    """The path of one of the jobs."""
    return f"{WARM_START_PATH}.jobs[{index}]"


def _id(value: Any, path: str, faults: Faults) -> str:
    try:
        return str(UUID(value if isinstance(value, str) else ""))
    except ValueError:
        faults.add(path, "Must be the id of a job.")
        return ""


def known_params(space: SearchSpace, hyperparameters: Mapping[str, Any]) -> dict[str, Scalar] | None:
    """The configuration of `space` with these hyperparameters of a run; None if it lies outside.

    Hyperparameters that are not in the space are left out.
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
    """The latest MAX_OBSERVATIONS of them, in the stored form."""
    return [
        {
            "params": dict(one.params),
            "outcome": one.outcome,
            "value": one.value,
            "values": list(one.values),
            "step": one.step,
        }
        for one in observations[-MAX_OBSERVATIONS:]
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> list[Observation]:
    """The stored observations, in order. Their numbers are negative: they come before all slots of the job."""
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
