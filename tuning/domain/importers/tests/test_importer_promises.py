"""Generated definitions of all tools: whatever the report calls translated can be created as a job."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tuning.domain.importers.importing import TOOLS, import_definition
from tuning.domain.importers.report import Imported, Note
from tuning.domain.importers.tests.test_importers import JOB
from tuning.domain.job_definition import JobDefinition

CASES = 60
NAMES = {
    "learning_rate": ("learning_rate", "lr"),
    "weight_decay": ("weight_decay", "wd"),
    "beta1": ("beta1",),
    "batch_size": ("batch_size", "per_device_train_batch_size"),
    "num_epochs": ("num_epochs", "epochs"),
    "num_steps": ("num_steps", "max_steps"),
    "seed": ("seed",),
    "optimizer": ("optimizer", "optim"),
    "schedule": ("schedule", "lr_scheduler"),
    "layers": ("layers",),
}
WORDS = {"optimizer": ["sgd", "Adam", "AdamW", "lion"], "schedule": ["cosine", "Linear", "constant"]}
WHOLE = ("batch_size", "num_epochs", "num_steps", "seed", "layers")
METRIC_NAMES = ("eval_loss", "score_mean", "train_seconds", "numeric_match", "answer_correctness", "accuracy", "flops")


class Source:
    """Makes the parts of a definition by chance; what they mean is the same for all tools."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def names(self) -> dict[str, str]:
        """Some hyperparameters, each under a name that a source may have for it."""
        chosen = self.chance.sample(list(NAMES), self.chance.randint(1, 6))
        return {self.chance.choice(NAMES[name]): name for name in chosen}

    def kind(self, ours: str) -> str:
        """`values`, `range`, `log` or `value`."""
        kinds = ["values", "range", "range", "log", "value"]
        return self.chance.choice(["values", "value"] if ours in WORDS else kinds)

    def values(self, ours: str) -> list[Any]:
        if ours in WORDS:
            return self.chance.sample(WORDS[ours], self.chance.randint(1, 3))
        numbers = [8, 16, 32, 64, 2, 1] if ours in WHOLE else [0.1, 0.01, 0.5, 0.001]
        return self.chance.sample(numbers, self.chance.randint(1, 3))

    def bounds(self, ours: str) -> tuple[Any, Any]:
        if ours in WHOLE:
            low = self.chance.randint(1, 9)
            return low, low + self.chance.randint(1, 20)
        low = self.chance.choice([0.001, 0.01, 0.05])
        return low, round(low * self.chance.choice([2, 5, 9.5]), 6)

    def step(self, ours: str) -> Any:
        return self.chance.choice([1, 2, 3, 5] if ours in WHOLE else [0.001, 0.005, 0.02, 0.03])

    def maybe(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def metrics(self) -> list[tuple[str, bool]]:
        """Names, each with whether less is better."""
        names = self.chance.sample(METRIC_NAMES, self.chance.randint(0, 3))
        return [(name, self.maybe()) for name in names]

    def count(self) -> int:
        return self.chance.choice([1, 3, 50, 400])

    def pick(self, *choices: Any) -> Any:
        return self.chance.choice(choices)


def wandb(source: Source) -> Any:
    def item(ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        match source.kind(ours):
            case "values":
                return {"values": source.values(ours)}
            case "range" if source.maybe():
                return {"distribution": "q_uniform", "min": low, "max": high, "q": source.step(ours)}
            case "range":
                return {"min": low, "max": high}
            case "log":
                return {"distribution": "log_uniform_values", "min": low, "max": high}
        return {"value": source.values(ours)[0]}

    sweep = {"parameters": {name: item(ours) for name, ours in source.names().items()}}
    sweep |= {"method": source.pick("grid", "random", "bayes")}
    for name, is_less in source.metrics()[:1]:
        sweep |= {"metric": {"name": name, "goal": "minimize" if is_less else "maximize", "target": 0.5}}
    stopping = {"early_terminate": {"type": "hyperband", "min_iter": 1}} if source.maybe() else {}
    return sweep | stopping | ({"run_cap": source.count()} if source.maybe() else {})


def optuna(source: Source) -> Any:
    def item(ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        name = "IntDistribution" if ours in WHOLE else "FloatDistribution"
        match source.kind(ours):
            case "range":
                step = {"step": source.step(ours)} if source.maybe() else {}
                return {"name": name, "attributes": {"low": low, "high": high, "log": False} | step}
            case "log":
                return {"name": name, "attributes": {"low": low, "high": high, "log": True}}
        return {"name": "CategoricalDistribution", "attributes": {"choices": source.values(ours)}}

    metrics = source.metrics()
    study = {"distributions": {name: item(ours) for name, ours in source.names().items()}}
    directions = ["MINIMIZE" if is_less else "MAXIMIZE" for _, is_less in metrics]
    return study | ({"directions": directions, "metric_names": [name for name, _ in metrics]} if metrics else {})


def ray(source: Source) -> Any:
    def item(ours: str) -> Any:
        low, high = source.bounds(ours)
        match source.kind(ours):
            case "values":
                return {source.pick("choice", "grid_search"): source.values(ours)}
            case "range":
                return {"randint" if ours in WHOLE else "uniform": [low, high]}
            case "log":
                return {"lograndint" if ours in WHOLE else "loguniform": [low, high]}
        return source.values(ours)[0]

    return {"seed": {"grid_search": [1, 2]}} | {name: item(ours) for name, ours in source.names().items()}


def katib(source: Source) -> Any:
    def item(name: str, ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        kind = source.kind(ours)
        if kind in ("values", "value"):
            words = [str(value) for value in source.values(ours)]
            space, type_ = {"list": words}, "categorical" if ours in WORDS else source.pick("discrete", "categorical")
            return {"name": name, "parameterType": type_, "feasibleSpace": space}
        shape = {"distribution": source.pick("logUniform", "logNormal") if kind == "log" else "uniform"}
        step = {"step": str(source.step(ours))} if source.maybe() else {}
        space = {"min": str(low), "max": str(high)} | shape | step
        return {"name": name, "parameterType": "int" if ours in WHOLE else "double", "feasibleSpace": space}

    names = ("random", "grid", "tpe", "cmaes", "sobol", "bayesianoptimization", "hyperband")
    spec = {"parameters": [item(name, ours) for name, ours in source.names().items()]}
    spec |= {"algorithm": {"algorithmName": source.pick(*names)}}
    spec |= {"maxTrialCount": source.count(), "maxFailedTrialCount": source.count()} if source.maybe() else {}
    for name, is_less in source.metrics()[:1]:
        spec |= {"objective": {"type": "minimize" if is_less else "maximize", "objectiveMetricName": name, "goal": 0.5}}
    return {"spec": spec}


def vizier(source: Source) -> Any:
    def item(name: str, ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        kind, values = source.kind(ours), source.values(ours)
        spec: dict[str, Any] = {"parameterId": name}
        if ours in WORDS:
            return spec | {"categoricalValueSpec": {"values": values}}
        if kind in ("values", "value"):
            return spec | {"discreteValueSpec": {"values": values}}
        scale = {"scaleType": "UNIT_LOG_SCALE"} if kind == "log" else {}
        key = "integerValueSpec" if ours in WHOLE else "doubleValueSpec"
        return spec | {key: {"minValue": low, "maxValue": high}} | scale

    items = [item(name, ours) for name, ours in source.names().items()]
    first = items[0]
    if "categoricalValueSpec" in first and len(items) > 1:
        values = first["categoricalValueSpec"]["values"][:1]
        below = {"parentCategoricalValues": {"values": values}, "parameterSpec": items.pop()}
        first["conditionalParameterSpecs"] = [below]
    names = ("GRID_SEARCH", "RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "CMAES", "NSGA2", "ALGORITHM_UNSPECIFIED")
    goals = [{"metricId": name, "goal": "MINIMIZE" if less else "MAXIMIZE"} for name, less in source.metrics()]
    study = {"parameters": items, "algorithm": source.pick(*names), "metrics": goals}
    return {"studySpec": study, "maxTrialCount": source.count(), "parallelTrialCount": 2}


def determined(source: Source) -> Any:
    def item(ours: str) -> Any:
        low, high = source.bounds(ours)
        kind = source.kind(ours)
        count = {"count": source.pick(1, 2, 3, 7)} if source.maybe(0.7) else {}
        match kind:
            case "values":
                return {"type": "categorical", "vals": source.values(ours)}
            case "range":
                return {"type": "int" if ours in WHOLE else "double", "minval": low, "maxval": high} | count
            case "log":
                return {"type": "log", "base": 10, "minval": -3, "maxval": -1} | count
        return source.values(ours)[0]

    searcher: dict[str, Any] = {"name": source.pick("grid", "random", "adaptive_asha", "single")}
    searcher |= {"max_trials": source.count()} if source.maybe() else {}
    for name, is_less in source.metrics()[:1]:
        searcher |= {"metric": name, "smaller_is_better": is_less}
    named = {name: item(ours) for name, ours in source.names().items()}
    return {"hyperparameters": {"seed": {"type": "categorical", "vals": [1, 2]}} | named, "searcher": searcher}


def nni(source: Source) -> Any:
    def item(ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        match source.kind(ours):
            case "range" if source.maybe():
                return {"_type": "quniform", "_value": [low, high, source.step(ours)]}
            case "range":
                return {"_type": "randint" if ours in WHOLE else "uniform", "_value": [low, high]}
            case "log":
                return {"_type": "qloguniform", "_value": [low, high, source.step(ours)]}
        return {"_type": "choice", "_value": source.values(ours)}

    space: dict[str, Any] = {name: item(ours) for name, ours in source.names().items()}
    if source.maybe(0.3):
        space["optimizer"] = {
            "_type": "choice",
            "_value": [{"_name": "SGD", "beta1": item("beta1")}, {"_name": "Adam"}],
        }
    experiment: dict[str, Any] = {"searchSpace": space, "tuner": {"name": source.pick("GridSearch", "TPE", "Random")}}
    return experiment | ({"maxTrialNumber": source.count(), "trialConcurrency": 2} if source.maybe() else {})


def ax(source: Source) -> Any:
    def item(name: str, ours: str) -> dict[str, Any]:
        low, high = source.bounds(ours)
        match source.kind(ours):
            case "values":
                return {"name": name, "type": "choice", "values": source.values(ours)}
            case "range" | "log" as kind:
                type_ = {"value_type": "int" if ours in WHOLE else "float"}
                return {"name": name, "type": "range", "bounds": [low, high], "log_scale": kind == "log"} | type_
        return {"name": name, "type": "fixed", "value": source.values(ours)[0]}

    items = [item(name, ours) for name, ours in source.names().items()]
    pairs = [source.pick(*items)["name"] for _ in range(4)]
    constraints = [f"{pairs[0]} <= {pairs[1]}", f"{pairs[2]} <= 0.01*{pairs[3]}"]
    objective = ", ".join(f"-{name}" if is_less else name for name, is_less in source.metrics())
    more = {"parameter_constraints": constraints} if source.maybe() else {}
    return {"parameters": items} | more | ({"objective": objective} if objective else {})


def lists(source: Source) -> Any:
    return {"seed": [1, 2]} | {f"model__{name}": source.values(ours) for name, ours in source.names().items()}


MAKERS: dict[str, Callable[[Source], Any]] = {
    "wandb": wandb,
    "optuna": optuna,
    "ray": ray,
    "katib": katib,
    "vizier": vizier,
    "determined": determined,
    "nni": nni,
    "ax": ax,
    "lists": lists,
}


def taken(definition: Any) -> Imported:
    """The import with every suggestion accepted."""
    return import_definition(definition, names=import_definition(definition).suggestions)


def asked(imported: Imported) -> JobDefinition:
    space = {"search_space_json": imported.space, "constraints_json": imported.constraints}
    return JobDefinition.parse(JOB | space | imported.job)


def claims(report: list[Note]) -> dict[str, str]:
    """What lines that are not about parameters say that parts of a job become."""
    found = {}
    for note in report:
        words = note.message.rstrip(".").replace(",", "").split()
        if note.message.startswith("Becomes ") and words[1] in ("num_samples", "metric_name", "max_concurrent_trials"):
            found[words[1]] = words[2]
    return found


def is_about_what_is_left_out(note: Note) -> bool:
    return note.level == "refused" or note.message.startswith("Dropped: there is no hyperparameter")


def test_there_is_a_maker_for_every_tool() -> None:
    assert set(MAKERS) == set(TOOLS)


@pytest.mark.parametrize("tool", MAKERS)
def test_what_comes_back_creates_a_job_that_is_as_the_report_says(tool: str) -> None:
    created = 0
    for seed in range(CASES):
        definition = MAKERS[tool](Source(seed))
        imported = taken(definition)
        if not imported.space:
            assert imported.refused or imported.unmapped, definition
            continue
        job = asked(imported)
        created += 1
        assert set(job.space.names) == set(imported.space), definition
        for part, value in claims(imported.report).items():
            assert str(getattr(job, part)) == value, (definition, part)
        gone = {(note.path, note.source) for note in imported.report if is_about_what_is_left_out(note)}
        also = [note for note in imported.report if note.level == "translated" and (note.path, note.source) in gone]
        assert not also, definition
    assert created > CASES / 2
