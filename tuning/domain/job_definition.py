"""The definition of a job: what may be asked, every fault with its path, every default as it was resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tuning.domain.early_stopping.rules import PATH as EARLY_STOPPING_PATH
from tuning.domain.early_stopping.rules import EarlyStopping, parse_early_stopping, stopping_warnings
from tuning.domain.job_evaluation import JobEvaluation
from tuning.domain.job_sections import (
    Confirmation,
    asks_a_service,
    parse_budget,
    parse_confirmation,
    parse_evaluation,
    parse_metric,
)
from tuning.domain.sampling.advice import advice
from tuning.domain.sampling.algorithm import Algorithm, InvalidAlgorithm, unsuited
from tuning.domain.sampling.enqueued import ENQUEUED_PATH, count_extra, parse_enqueued
from tuning.domain.sampling.warm_start import WARM_START_PATH, parse_warm_start
from tuning.domain.selection.budgets import BUDGET_PATH, Budget, budget_warnings
from tuning.domain.selection.controls import SEED
from tuning.domain.selection.guards import GUARDS_PATH, Guard, guard_path, parse_guards
from tuning.domain.selection.objectives import OBJECTIVES_PATH, Objective, parse_objectives, too_many_for
from tuning.domain.selection.racing import why_not_raced
from tuning.domain.space.checks import space_faults, space_warnings
from tuning.domain.space.fixed_params import (
    FIXED_PARAMS_PATH,
    InvalidFixedParams,
    check_fixed_params,
    combination_faults,
)
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
from tuning.domain.space.size import size_of
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import Method, PromptSpec, Scalar
from tunix.pipeline.spec_fields import PROMPT_PATH, read_method, read_prompt, read_threads
from tunix.validation.errors import Faults, InvalidInput, Messages
from tunix.validation.fields import WHOLE_BODY, Fields

MAX_NAME, MAX_PROJECT = 200, 64
MAX_SAMPLES = 10_000
DEFAULT_SAMPLES = 10
MAX_CONCURRENT_TRIALS = 64
MAX_SEED = 2**32 - 1
MODES = ("local",)
SEARCH_SPACE_ALIAS = "search_space"
FIELDS = (
    "name",
    "notes",
    "project",
    "dataset_key",
    "base_model_id",
    "method",
    PROMPT_PATH,
    "mode",
    "metric_name",
    "metric_mode",
    OBJECTIVES_PATH,
    "num_samples",
    "max_concurrent_trials",
    SEARCH_SPACE_PATH,
    CONSTRAINTS_PATH,
    FIXED_PARAMS_PATH,
    ENQUEUED_PATH,
    "evaluation_json",
    "algorithm_json",
    WARM_START_PATH,
    EARLY_STOPPING_PATH,
    BUDGET_PATH,
    "confirmation_json",
    GUARDS_PATH,
    "resources_json",
    "seed",
)


class InvalidJob(InvalidInput):
    """A job that cannot be created; `errors` is keyed by the path of each fault."""


@dataclass(frozen=True)
class JobDefinition:
    """A job as it will run. Whether its dataset and base model exist is for the caller to look up."""

    name: str
    notes: str
    project: str
    dataset_key: str
    base_model_id: str
    method: Method
    prompt: PromptSpec
    mode: str
    metric_name: str
    metric_mode: str
    objectives: tuple[Objective, ...]
    num_samples: int
    max_concurrent_trials: int
    space: SearchSpace
    fixed_params: Mapping[str, Scalar]
    given: list[dict[str, Scalar]]
    evaluation: JobEvaluation
    algorithm: Algorithm
    warm_start: list[str]
    early_stopping: EarlyStopping | None
    budget: Budget
    confirmation: Confirmation
    guards: list[Guard]
    threads: int
    seed: int
    warnings: Messages = field(default_factory=dict, compare=False)

    @classmethod
    def parse(cls, data: Any, *, default_method: Method = "full") -> JobDefinition:
        """The job that a request asks for. Raises InvalidJob with every fault, and creates nothing.

        `default_method` is the one of its base model, which decides where the request does not.

        1. Read every field by itself; what is wrong is noted and replaced by its default.
        2. Hold fields against each other, where each is right by itself.
        """
        if not isinstance(data, Mapping):
            raise InvalidJob({WHOLE_BODY: ["Must be an object."]})
        faults, warnings = Faults(), Faults()
        fields = Fields(data, faults, known=(*FIELDS, SEARCH_SPACE_ALIAS))
        method = read_method(fields, default_method)
        values = _plain_values(fields) | _nested_values(fields, method, faults, warnings)
        space, algorithm = values["space"], values["algorithm"]
        if space is not None and algorithm is not None:
            faults.merge(unsuited(space, algorithm))
        if algorithm is not None:
            faults.merge(too_many_for(algorithm.name, values["objectives"]))
        given = parse_enqueued(fields.get(ENQUEUED_PATH), space, values["fixed_params"], faults, warnings)
        values["given"] = given
        values["num_samples"] = num_samples = _num_samples(fields, space, algorithm, given, warnings)
        if not faults and space is not None and algorithm is not None:
            warnings.merge(advice(space, algorithm, num_samples))
        values["budget"] = parse_budget(fields.get(BUDGET_PATH), num_samples, faults)
        _warn_of_budget(values, warnings)
        _warn_of_own_metric(values, warnings)
        _warn_of_one_seed(values, warnings)
        values["evaluation"] = _raced_if_possible(values, fields, warnings)
        _warn_of_stopping(values, warnings)
        if not faults:
            faults.merge(combination_faults(values["fixed_params"], space))
        if faults:
            raise InvalidJob(faults.messages)
        return cls(**values, warnings=warnings.messages)

    @property
    def evaluation_json(self) -> dict[str, Any]:
        """How trials are judged, and the runs that prove the winner, as JSON."""
        return self.evaluation.model_dump(mode="json")

    def to_json(self) -> dict[str, Any]:
        """Every field of a request, resolved: `parse` reads it back as the same definition."""
        return {
            "name": self.name,
            "notes": self.notes,
            "project": self.project,
            "dataset_key": self.dataset_key,
            "base_model_id": self.base_model_id,
            "method": self.method,
            PROMPT_PATH: self.prompt.model_dump(mode="json"),
            "mode": self.mode,
            "metric_name": self.metric_name,
            "metric_mode": self.metric_mode,
            OBJECTIVES_PATH: [objective.to_json() for objective in self.objectives] or None,
            "num_samples": self.num_samples,
            "max_concurrent_trials": self.max_concurrent_trials,
            "search_space_json": self.space.to_json(),
            "constraints_json": self.space.constraints_json(),
            "fixed_params_json": dict(self.fixed_params),
            "given_params_json": self.given,
            "evaluation_json": self.evaluation_json,
            "algorithm_json": self.algorithm.to_json(),
            "warm_start_json": {"jobs": self.warm_start} if self.warm_start else None,
            EARLY_STOPPING_PATH: self.early_stopping.to_json() if self.early_stopping else None,
            BUDGET_PATH: self.budget.to_json(),
            "confirmation_json": self.confirmation.to_json(),
            "guards_json": [guard.to_json() for guard in self.guards],
            "resources_json": {"threads": self.threads},
            "seed": self.seed,
        }


def default_num_samples(space: SearchSpace, algorithm: Algorithm, given: Sequence[Mapping[str, Scalar]] = ()) -> int:
    """How many trials a job has unless told: all that a grid has, else 10, and never more than there are."""
    most = most_trials(space, algorithm, given)
    wanted = MAX_SAMPLES if algorithm.name == "grid" else max(DEFAULT_SAMPLES, len(given) * algorithm.replicates)
    return wanted if most is None else min(max(most, 1), wanted)


def most_trials(space: SearchSpace, algorithm: Algorithm, given: Sequence[Mapping[str, Scalar]] = ()) -> int | None:
    """The most trials that a search can have: all configurations of a finite space, and others that are given."""
    size = size_of(space)
    return None if size is None else (size.number + count_extra(space, given)) * algorithm.replicates


def trials_of(num_samples: int, space: SearchSpace, algorithm: Algorithm, given: Sequence[Mapping[str, Scalar]]) -> int:
    """How many trials the search has: `num_samples`, or fewer if there are not so many configurations."""
    most = most_trials(space, algorithm, given)
    return num_samples if most is None else min(num_samples, most)


def _plain_values(fields: Fields) -> dict[str, Any]:
    return {
        "name": fields.name("name", max_length=MAX_NAME),
        "notes": fields.text("notes", max_length=10_000, default=""),
        "project": "default"
        if fields.get("project") == ""
        else fields.slug("project", max_length=MAX_PROJECT, default="default"),
        "dataset_key": fields.text("dataset_key", max_length=200),
        "base_model_id": fields.text("base_model_id", max_length=200),
        "mode": fields.choice("mode", MODES, "local"),
        "max_concurrent_trials": fields.whole("max_concurrent_trials", default=1, low=1, high=MAX_CONCURRENT_TRIALS),
        "seed": fields.whole("seed", default=0, low=0, high=MAX_SEED),
    }


def _nested_values(fields: Fields, method: Method, faults: Faults, warnings: Faults) -> dict[str, Any]:
    space = _space(fields, method, faults, warnings)
    evaluation = parse_evaluation(fields.get("evaluation_json"), faults, warnings)
    metric_name, metric_mode = parse_metric(fields, evaluation, warnings)
    first = Objective(metric_name, metric_mode)
    objectives = parse_objectives(fields.get(OBJECTIVES_PATH), first, evaluation.judge, faults, warnings)
    confirmation = parse_confirmation(fields.get("confirmation_json"), evaluation.split, faults)
    return {
        "method": method,
        "prompt": read_prompt(fields.get(PROMPT_PATH), faults),
        "space": space,
        "fixed_params": _fixed_params(fields, space, method, faults, warnings),
        "evaluation": evaluation,
        "metric_name": metric_name,
        "metric_mode": metric_mode,
        "objectives": objectives,
        "algorithm": _algorithm(fields, faults),
        "warm_start": parse_warm_start(fields.get(WARM_START_PATH), faults),
        "early_stopping": parse_early_stopping(fields.get(EARLY_STOPPING_PATH), faults),
        "confirmation": confirmation,
        "guards": parse_guards(fields.get(GUARDS_PATH), controls=confirmation.controls, faults=faults),
        "threads": read_threads(fields.get("resources_json"), faults),
    }


def _warn_of_budget(values: Mapping[str, Any], warnings: Faults) -> None:
    budget, space, algorithm = values["budget"], values["space"], values["algorithm"]
    judges = [values["evaluation"].judge, *(guard.evaluation.judge for guard in values["guards"])]
    if budget.max_judge_cost is not None and not any(map(asks_a_service, judges)):
        warnings.add(f"{BUDGET_PATH}.max_judge_cost", f"The judge {judges[0]} asks no service and costs nothing.")
    trials = values["num_samples"]
    if space is not None and algorithm is not None:
        trials = trials_of(trials, space, algorithm, values["given"])
    for path, text in budget_warnings(budget, trials, values["metric_name"], values["metric_mode"]):
        warnings.add(path, text)


def _warn_of_own_metric(values: Mapping[str, Any], warnings: Faults) -> None:
    own = values["evaluation"]
    for index, guard in enumerate(values["guards"]):
        theirs = guard.evaluation
        if (guard.dataset, theirs.judge, theirs.split) == (values["dataset_key"], own.judge, own.split):
            warnings.add(guard_path(index), "These are the rows and the judge by which trials are chosen anyway.")


def _warn_of_one_seed(values: Mapping[str, Any], warnings: Faults) -> None:
    space, algorithm = values["space"], values["algorithm"]
    decided = {*(space.names if space else ()), *values["fixed_params"]}
    if algorithm is not None and algorithm.replicates > 1 and SEED in decided:
        warnings.add("algorithm_json.replicates", "All train with the same seed, for the job decides it.")


def _raced_if_possible(values: Mapping[str, Any], fields: Fields, warnings: Faults) -> JobEvaluation:
    """How the job judges, without a race where none is possible; with a warning if it asks for one."""
    evaluation: JobEvaluation = values["evaluation"]
    replicates = values["algorithm"].replicates if values["algorithm"] is not None else 1
    why = why_not_raced(values["metric_name"], values["metric_mode"], bool(values["objectives"]), replicates)
    if not (evaluation.racing and why):
        return evaluation
    if isinstance(asked := fields.get("evaluation_json"), Mapping) and asked.get("racing"):
        warnings.add("evaluation_json.racing", f"All rows of all trials are judged: {why}")
    return evaluation.model_copy(update={"racing": False})


def _warn_of_stopping(values: Mapping[str, Any], warnings: Faults) -> None:
    stopping, space = values["early_stopping"], values["space"]
    if stopping is None or space is None:
        return
    default = values["fixed_params"].get("schedule", HYPERPARAMETERS["schedule"].default)
    searched = space.parameters.get("schedule")
    found = [value for _, value in searched.extremes()] if searched else [default]
    for text in stopping_warnings(stopping, found):
        warnings.add(EARLY_STOPPING_PATH, text)


def _space(fields: Fields, method: Method, faults: Faults, warnings: Faults) -> SearchSpace | None:
    given = [name for name in (SEARCH_SPACE_PATH, SEARCH_SPACE_ALIAS) if fields.get(name) is not None]
    if len(given) != 1:
        alias = f"Is another name of {SEARCH_SPACE_PATH}: give one of them."
        fields.refuse(SEARCH_SPACE_ALIAS if given else SEARCH_SPACE_PATH, alias if given else "Required.")
        return None
    try:
        space = SearchSpace.parse(fields.get(given[0]), fields.get(CONSTRAINTS_PATH))
    except InvalidSearchSpace as invalid:
        faults.merge(invalid.errors)
        return None
    faults.merge(space_faults(space, method))
    warnings.merge(space_warnings(space))
    return space


def _fixed_params(
    fields: Fields, space: SearchSpace | None, method: Method, faults: Faults, warnings: Faults
) -> dict[str, Scalar]:
    data = fields.get(FIXED_PARAMS_PATH)
    searched = frozenset(space.names if space else ())
    try:
        params, unusual = check_fixed_params({} if data is None else data, method=method, searched=searched)
    except InvalidFixedParams as invalid:
        faults.merge(invalid.errors)
        return {}
    warnings.merge(unusual)
    return params


def _algorithm(fields: Fields, faults: Faults) -> Algorithm | None:
    try:
        return Algorithm.parse(fields.get("algorithm_json"))
    except InvalidAlgorithm as invalid:
        faults.merge(invalid.errors)
        return None


def _num_samples(
    fields: Fields,
    space: SearchSpace | None,
    algorithm: Algorithm | None,
    given: Sequence[Mapping[str, Scalar]],
    warnings: Faults,
) -> int:
    if space is None or algorithm is None:
        return fields.whole("num_samples", default=DEFAULT_SAMPLES, low=1, high=MAX_SAMPLES)
    default = default_num_samples(space, algorithm, given)
    samples = fields.whole("num_samples", default=default, low=1, high=MAX_SAMPLES)
    if samples < len(given) * algorithm.replicates:
        fields.refuse("num_samples", f"{len(given):,} configurations are given{_each(algorithm)}: too few trials.")
    size, most = size_of(space), most_trials(space, algorithm, given)
    if size is None or most is None:
        return samples
    if algorithm.name == "grid" and samples > most:
        combinations = "combination" if size.number == 1 else "combinations"
        fields.refuse("num_samples", f"The grid has only {size.number:,} {combinations}{_each(algorithm)}.")
    elif samples > most:
        end = f"The search ends when all {size.number:,} configurations are tried{_each(algorithm)}."
        warnings.add("num_samples", end)
    elif algorithm.name == "grid" and samples < most:
        first = -(-samples // algorithm.replicates)
        tried = f"The first {first:,} of the grid's {size.number:,} combinations are tried{_each(algorithm)}."
        warnings.add("num_samples", tried)
    return samples


def _each(algorithm: Algorithm) -> str:
    return f", {algorithm.replicates} times each" if algorithm.replicates > 1 else ""
