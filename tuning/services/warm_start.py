"""Warm start: the sampler of a job learns from finished trials of other jobs, which are fixed when it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from tunix.api.exceptions import Conflict, Errors
from tunix.datasets.models import Dataset
from tunix.pipeline.data.row_order import FILE_ORDER
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.spec import EvaluationSpec
from tunix.runs.validation import why_no_judge

from ..analysis.judging import judge_version_of
from ..analysis.observations import observation_of
from ..analysis.row_order import order_of_search
from ..choices import EventKind
from ..domain.job_definition import InvalidJob, JobDefinition
from ..domain.sampling.observation import Observation
from ..domain.sampling.warm_start import (
    INFORMATIVE_OUTCOMES,
    LEARNERS,
    WARM_START_PATH,
    Comparable,
    from_json,
    job_path,
    known_params,
    to_json,
)
from ..domain.space.search_space import SearchSpace
from ..ledger.files import request_of
from ..models import TuningJob, WarmStart

PERMISSION = "tuning.view_tuningjob"


@dataclass(frozen=True)
class Known:
    """The observations from the finished trials of one job: those in the space, and how many trials there are."""

    job: TuningJob
    observations: Sequence[Observation]
    finished: int

    def to_json(self) -> dict[str, Any]:
        named = {"id": str(self.job.pk), "name": self.job.name}
        return named | {"known": len(self.observations), "finished": self.finished}


def history_faults(definition: JobDefinition, dataset: Dataset, actor: Any) -> Errors:
    """Why jobs of a warm start cannot be used, by path."""
    if definition.warm_start and actor is not None and not actor.has_perm(PERMISSION):
        return {WARM_START_PATH: ["You have no permission to view tuning jobs."]}
    ours = _as_defined(definition, dataset)
    faults: Errors = {}
    for index, job_id in enumerate(definition.warm_start):
        source = _job(job_id)
        if source is None:
            faults[job_path(index)] = ["There is no such job."]
        elif differing := ours.differences(comparable_of(source)):
            faults[job_path(index)] = [f"The trials of {source.name} are not comparable: {'; '.join(differing)}."]
    return faults


def history_warnings(definition: JobDefinition) -> Errors:
    """Warnings about the jobs of a warm start, by path."""
    warnings: Errors = {}
    name = definition.algorithm.name
    if definition.warm_start and name not in LEARNERS:
        warnings[WARM_START_PATH] = [f"The sampler {name} does not learn from trials that it has not proposed itself."]
    for index, job_id in enumerate(definition.warm_start):
        source = _job(job_id)
        if source is not None and (told := list(_unusual(definition, source))):
            warnings[job_path(index)] = told
    return warnings


def fix_history(job: TuningJob, actor: Any) -> None:
    """Store what the sampler of a starting job learns from other jobs. No later start changes it.

    Raises Conflict if one of the other jobs is gone or no longer comparable.
    """
    if job.epoch > 0 or not job.warm_start_json or warm_start_of(job) is not None:
        return
    try:
        definition = JobDefinition.parse(request_of(job))
    except InvalidJob as error:
        raise Conflict(str(error)) from None
    if faults := history_faults(definition, job.dataset, actor):
        told = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in faults.items())
        raise Conflict(f"The job cannot start from other jobs. {told}")
    sources = [known_of(source, job.space()) for job_id in definition.warm_start if (source := _job(job_id))]
    observations = [one for source in sources for one in source.observations]
    stored = to_json(observations)
    warm = WarmStart.objects.create(
        job=job,
        observations_json=stored,
        known=len(stored),
        finished=sum(source.finished for source in sources),
        jobs_json=[source.to_json() for source in sources],
    )
    job.add_event(EventKind.WARM_START, actor=actor, detail=warm.sentence)


def history_of(job: TuningJob) -> list[Observation]:
    """The fixed observations that the sampler gets before its first proposal. No query without a warm start."""
    warm = warm_start_of(job)
    return [] if warm is None else from_json(warm.observations_json)


def warm_start_of(job: TuningJob) -> WarmStart | None:
    """What was fixed when the job started; None before, and without a warm start."""
    return WarmStart.objects.filter(job=job).first() if job.warm_start_json else None


def known_of(source: TuningJob, space: SearchSpace) -> Known:
    """What the finished trials of a job say about `space`, without excluded trials and infrastructure failures."""
    found, finished = [], 0
    trials = source.trials.search().observed().select_related("job")
    for _, replicates in groupby(trials.order_by("slot", "replicate"), key=lambda trial: trial.slot):
        rows = list(replicates)
        observation = observation_of(rows)
        if observation.outcome not in INFORMATIVE_OUTCOMES:
            continue
        finished += 1
        hyperparameters = resolve({**source.fixed_params_json, **rows[0].proposed_params}, source.method)
        params = known_params(space, hyperparameters)
        if params is not None:
            found.append(replace(observation, params=params, state=None))
    return Known(source, found, finished)


def comparable_of(job: TuningJob) -> Comparable:
    """What makes a job comparable with others, with the version of the judge that evaluated it."""
    return Comparable(
        dataset=str(job.dataset_id),
        dataset_version=job.dataset.version,
        base_model=job.base_model_id,
        method=job.method,
        prompt=job.prompt.model_dump(),
        evaluation=_complete(job.evaluation),
        judge_version=judge_version_of(job),
        objectives=[(one.metric, one.mode) for one in job.objectives],
    )


def _as_defined(definition: JobDefinition, dataset: Dataset) -> Comparable:
    asked = definition.evaluation
    return Comparable(
        dataset=dataset.key,
        dataset_version=dataset.version,
        base_model=definition.base_model_id,
        method=definition.method,
        prompt=definition.prompt.model_dump(),
        evaluation=_complete(asked),
        judge_version=None if why_no_judge(asked.judge) else judge_of(asked).version,
        objectives=[
            (definition.metric_name, definition.metric_mode),
            *((o.metric, o.mode) for o in definition.objectives),
        ],
    )


def _complete(evaluation: EvaluationSpec) -> dict[str, Any]:
    """Every field, those at their default too."""
    return {name: getattr(evaluation, name) for name in EvaluationSpec.model_fields}


def _unusual(definition: JobDefinition, source: TuningJob) -> Any:
    known = known_of(source, definition.space)
    if not known.finished:
        yield f"{source.name} has no finished trial."
    elif not known.observations:
        yield f"None of the {known.finished} finished trials of {source.name} lies in this search space."
    here = resolve(definition.fixed_params, definition.method)
    there = resolve(source.fixed_params_json, source.method)
    free = {*definition.space.names, *source.search_space_json}
    other = sorted(name for name in here if name not in free and here[name] != there.get(name))
    if other:
        yield f"{source.name} has a different {', '.join(other)}: its scores may differ because of it."
    if known.finished and order_of_search(source) == FILE_ORDER:
        yield f"An older version judged {source.name} on the first rows of the file, and this job gets a sample."
    if varied := sorted(set(source.search_space_json) - set(definition.space.names)):
        yield f"{source.name} searches {', '.join(varied)} as well, which is ignored."


def _job(job_id: str) -> TuningJob | None:
    return TuningJob.objects.select_related("dataset").filter(pk=job_id).first()
