"""What an import returns creates a job: what a job would refuse is changed or left out, and the report says so."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import Imported, InvalidImport
from tuning.domain.importers.tests.test_importers import JOB
from tuning.domain.job_definition import JobDefinition

RATE = {"min": 0.001, "max": 0.1}
REAL_RATE = {"parameterId": "learning_rate", "doubleValueSpec": {"minValue": 0.001, "maxValue": 0.1}}
SIZES = {"parameterId": "batch_size", "discreteValueSpec": {"values": [16, 32]}}
METRICS = [{"metricId": "score_mean", "goal": "MAXIMIZE"}, {"metricId": "eval_loss", "goal": "MINIMIZE"}]


def katib(name: str, kind: str, **space: Any) -> dict[str, Any]:
    return {"name": name, "parameterType": kind, "feasibleSpace": space}


def created(imported: Imported) -> JobDefinition:
    space = {"search_space_json": imported.space, "constraints_json": imported.constraints}
    return JobDefinition.parse(JOB | space | imported.job)


def lines(imported: Imported, path: str) -> list[tuple[str, str]]:
    return [(note.level, note.message) for note in imported.report if note.path == path]


GRIDS_WITH_A_RANGE = {
    "wandb": ({"method": "grid", "parameters": {"learning_rate": RATE, "batch_size": {"values": [16, 32]}}}, "method"),
    "nni": (
        {
            "searchSpace": {"learning_rate": {"_type": "uniform", "_value": [0.001, 0.1]}},
            "tuner": {"name": "GridSearch"},
        },
        "tuner.name",
    ),
    "vizier": ({"algorithm": "GRID_SEARCH", "parameters": [REAL_RATE, SIZES]}, "algorithm"),
    "katib": (
        {
            "algorithm": {"algorithmName": "grid"},
            "parameters": [katib("learning_rate", "double", min="0.001", max="0.1")],
        },
        "algorithm.algorithmName",
    ),
    "determined": (
        {
            "hyperparameters": {"learning_rate": {"type": "log", "minval": -3, "maxval": -1, "base": 10}},
            "searcher": {"name": "grid"},
        },
        "searcher.name",
    ),
}


@pytest.mark.parametrize(("definition", "path"), GRIDS_WITH_A_RANGE.values(), ids=list(GRIDS_WITH_A_RANGE))
def test_a_grid_with_a_range_becomes_a_random_search(definition: Any, path: str) -> None:
    imported = import_definition(definition)

    assert created(imported).algorithm.name == "random"
    assert "learning_rate" in imported.space
    why = "A grid needs finitely many values, unlike those of learning_rate."
    assert lines(imported, path) == [("lossy", f"Becomes random instead of grid. {why}")]


GRIDS_WITH_TOO_FEW_POINTS = {
    "wandb": (
        {
            "method": "grid",
            "run_cap": 50,
            "parameters": {"batch_size": {"values": [16, 32]}, "num_epochs": {"min": 1, "max": 2}},
        },
        "run_cap",
    ),
    "nni": (
        {
            "searchSpace": {
                "batch_size": {"_type": "choice", "_value": [16, 32]},
                "seed": {"_type": "randint", "_value": [0, 2]},
            },
            "tuner": {"name": "GridSearch"},
            "maxTrialNumber": 50,
        },
        "maxTrialNumber",
    ),
    "vizier": (
        {
            "studySpec": {
                "algorithm": "GRID_SEARCH",
                "parameters": [SIZES, {"parameterId": "seed", "integerValueSpec": {"minValue": "1", "maxValue": "2"}}],
            },
            "maxTrialCount": 50,
        },
        "maxTrialCount",
    ),
    "katib": (
        {
            "algorithm": {"algorithmName": "grid"},
            "parameters": [
                katib("batch_size", "discrete", list=["16", "32"]),
                katib("seed", "int", min="1", max="2"),
            ],
            "maxTrialCount": 50,
        },
        "maxTrialCount",
    ),
}


@pytest.mark.parametrize(
    ("definition", "path"), GRIDS_WITH_TOO_FEW_POINTS.values(), ids=list(GRIDS_WITH_TOO_FEW_POINTS)
)
def test_a_grid_has_no_more_trials_than_points(definition: Any, path: str) -> None:
    imported = import_definition(definition)

    assert created(imported).num_samples == imported.job["num_samples"] == 4
    why = "The grid has only 4 combinations."
    assert lines(imported, path) == [("lossy", f"Becomes num_samples 4 instead of 50. {why}")]


def test_points_are_counted_without_the_parameters_that_are_left_out() -> None:
    sweep = {
        "method": "grid",
        "run_cap": 8,
        "parameters": {"seed": {"values": [1, 2]}, "layers": {"values": [1, 2, 3]}},
    }
    assert import_definition(sweep).job["num_samples"] == 2


def test_a_grid_that_becomes_random_keeps_its_number_of_trials() -> None:
    sweep = {"method": "grid", "run_cap": 50, "parameters": {"learning_rate": RATE}}
    assert created(import_definition(sweep)).num_samples == 50


CONDITIONAL = {
    "parameterId": "optimizer",
    "categoricalValueSpec": {"values": ["sgd", "adam"]},
    "conditionalParameterSpecs": [{"parentCategoricalValues": {"values": ["sgd"]}, "parameterSpec": REAL_RATE}],
}
NOT_FOR_CMAES = {
    "two metrics": {"algorithm": "CMAES", "parameters": [REAL_RATE], "metrics": METRICS},
    "no number": {"algorithm": "CMAES", "parameters": [SIZES]},
    "a number under a condition": {"algorithm": "CMAES", "parameters": [CONDITIONAL]},
    "a number of one value": {
        "algorithm": "CMAES",
        "parameters": [{"parameterId": "seed", "integerValueSpec": {"minValue": 3, "maxValue": 3}}, SIZES],
    },
    "in katib": {
        "algorithm": {"algorithmName": "cmaes"},
        "parameters": [katib("optimizer", "categorical", list=["sgd", "adam"])],
    },
}


@pytest.mark.parametrize("definition", NOT_FOR_CMAES.values(), ids=list(NOT_FOR_CMAES))
def test_cmaes_that_cannot_search_becomes_the_default(definition: Any) -> None:
    imported = import_definition(definition)

    assert created(imported).algorithm.name == "tpe"
    [message] = [note.message for note in imported.report if "algorithm" in note.path]
    assert message.startswith("Becomes tpe instead of cmaes. cmaes ")


def test_cmaes_that_can_search_stays() -> None:
    imported = import_definition({"algorithm": "CMAES", "parameters": [REAL_RATE], "metrics": METRICS[:1]})
    assert (created(imported).algorithm.name, imported.report[1].level) == ("cmaes", "translated")


LENGTHS = {
    "wandb": {"parameters": {"num_epochs": {"values": [1, 2]}, "num_steps": {"values": [10, 20]}}},
    "optuna": {
        name: {"name": "IntDistribution", "attributes": {"low": 10, "high": 20}} for name in ("num_epochs", "num_steps")
    },
    "ray": {"num_epochs": {"randint": [1, 3]}, "num_steps": {"choice": [10, 20]}},
    "determined": {"hyperparameters": {"num_epochs": 3, "num_steps": {"type": "int", "minval": 1, "maxval": 9}}},
}


@pytest.mark.parametrize("definition", LENGTHS.values(), ids=list(LENGTHS))
def test_of_two_lengths_of_the_training_one_is_refused(definition: Any) -> None:
    imported = import_definition(definition)

    assert list(created(imported).space.names) == ["num_epochs"]
    [refused] = imported.refused
    assert "Give num_epochs or num_steps, not both." in refused.message
    assert lines(imported, refused.path) == [("refused", refused.message)]


def test_constraints_that_leave_nothing_are_refused_from_the_last_one() -> None:
    listed = [{"name": name, "type": "range", "bounds": [1, 5]} for name in ("num_epochs", "batch_size")]
    constraints = ["num_epochs <= batch_size", "batch_size <= 0.5*num_epochs"]

    imported = import_definition({"parameters": listed, "parameter_constraints": constraints})

    assert imported.constraints == ["num_epochs <= batch_size"]
    assert [level for level, _ in lines(imported, "parameter_constraints[1]")] == ["refused"]
    assert created(imported)


@pytest.mark.parametrize("judge", ["numeric_match", "choice_match", "answer_correctness"])
def test_the_metric_of_a_judge_is_the_mean_score(judge: str) -> None:
    sweep = {"parameters": {"seed": {"values": [1, 2]}}, "metric": {"name": judge, "goal": "maximize"}}
    imported = import_definition(sweep)

    assert created(imported).metric_name == "score_mean"
    assert lines(imported, "metric")[0][1].endswith(f"To judge by {judge}, choose it in evaluation_json.")


def test_the_metrics_of_two_judges_are_one() -> None:
    metrics = [{"metricId": name, "goal": "MAXIMIZE"} for name in ("score_mean", "regex_match", "eval_loss")]
    imported = import_definition({"parameters": [SIZES], "metrics": metrics})
    assert [one.metric for one in created(imported).objectives] == ["eval_loss"]


@pytest.mark.parametrize(
    ("name", "theirs", "ours"),
    [
        ("optimizer", ["SGD", "Adam"], ["sgd", "adam"]),
        ("optimizer", ["AdamW", "Lion"], ["adamw", "lion"]),
        ("schedule", ["Cosine", "LINEAR", "constant"], ["cosine", "linear", "constant"]),
    ],
)
def test_values_that_differ_in_their_letters_alone_are_ours(name: str, theirs: list[str], ours: list[str]) -> None:
    imported = import_definition({name: {"_type": "choice", "_value": theirs}})

    assert imported.space[name]["values"] == ours
    assert f"{theirs[0]} is {ours[0]}" in imported.report[-1].message
    assert created(imported)


def test_values_that_are_ours_in_other_letters_are_one() -> None:
    imported = import_definition({"parameters": {"optimizer": {"values": ["SGD", "sgd", "Sgd"]}}})
    assert imported.space == {"optimizer": {"type": "constant", "value": "sgd"}}


def test_a_value_that_is_not_ours_is_refused_with_a_hint() -> None:
    [refused] = import_definition({"parameters": {"optimizer": {"values": ["SGD", "adamx"]}}}).refused
    assert "Did you mean 'adam" in refused.message


def test_conditions_follow_the_letters_of_the_values() -> None:
    option = {"_name": "SGD", "beta1": {"_type": "uniform", "_value": [0.1, 0.9]}}
    space = {"optimizer": {"_type": "choice", "_value": [option, {"_name": "AdamW"}]}}

    imported = import_definition(space, names={"optimizer.beta1": "beta1"})

    assert imported.space["beta1"]["when"] == {"optimizer": ["sgd"]}
    assert created(imported)


def test_conditions_follow_numbers_that_were_text() -> None:
    sizes = {"name": "batch_size", "type": "choice", "values": ["16", "32"], "dependents": {"16": ["seed"]}}
    imported = import_definition([sizes, {"name": "seed", "type": "choice", "values": [1, 2]}])

    assert imported.space["seed"]["when"] == {"batch_size": [16]}
    assert created(imported)


def test_what_is_refused_is_not_called_translated_as_well() -> None:
    imported = import_definition({"parameters": {"batch_size": {"min": 0.5, "max": 8.5}, "seed": {"value": 1}}})
    assert [level for level, _ in lines(imported, "parameters.batch_size")] == ["refused"]


def test_the_kind_that_a_hyperparameter_needs_is_the_one_that_is_reported() -> None:
    sweep = {"method": "grid", "parameters": {"num_epochs": {"distribution": "q_uniform", "min": 1, "max": 9, "q": 2}}}
    imported = import_definition(sweep)
    assert imported.report[0].message == "Becomes int of the 4 points of its grid, 1 to 7."


def test_a_parameter_without_a_name_here_is_not_called_translated() -> None:
    imported = import_definition({"lr": {"_type": "loguniform", "_value": [0.1, 0.2]}, "n": NUMBERS, "seed": NUMBERS})

    assert [level for level, _ in lines(imported, "lr")] == ["lossy"]
    [(level, message)] = lines(imported, "n")
    assert (level, "It would become int; the upper bound is exclusive" in message) == ("lossy", True)
    assert [level for level, _ in lines(imported, "seed")] == ["translated"]


NUMBERS = {"_type": "randint", "_value": [1, 5]}


SEED = {"seed": {"values": [1, 2]}}
LEFT_OUT = {
    "wandb": ({"parameters": SEED, "metric": {"name": "eval_loss", "impute": "worst"}}, "metric"),
    "katib": (
        {
            "parameters": [katib("seed", "int", min="1", max="2")],
            "objective": {"type": "minimize", "objectiveMetricName": "eval_loss", "metricStrategies": [{"name": "a"}]},
        },
        "objective",
    ),
    "vizier": (
        {"parameters": [SIZES], "metrics": [METRICS[0] | {"safetyConfig": {"safetyThreshold": 1}}]},
        "metrics[0]",
    ),
    "nni": (
        {"searchSpace": {"seed": NUMBERS}, "tuner": {"name": "TPE", "classArgs": {"n_startup_jobs": 5}}},
        "tuner.classArgs",
    ),
    "nni, an own tuner": (
        {"searchSpace": {"seed": NUMBERS}, "tuner": {"className": "mine.Tuner", "codeDirectory": "."}},
        "tuner",
    ),
    "ax": (
        {
            "parameters": [{"name": "seed", "type": "fixed", "value": 1}],
            "objectives": {"eval_loss": {"minimize": True, "threshold": 2}},
        },
        "objectives.eval_loss",
    ),
}


@pytest.mark.parametrize(("definition", "path"), LEFT_OUT.values(), ids=list(LEFT_OUT))
def test_a_field_that_is_left_out_has_a_line(definition: Any, path: str) -> None:
    assert any(
        level == "lossy" and "Dropped" in message for level, message in lines(import_definition(definition), path)
    )


@pytest.mark.parametrize("field", ["searchSpacePath", "searchSpaceFile", "search_space_file"])
def test_an_experiment_whose_space_is_in_another_file_says_so(field: str) -> None:
    with pytest.raises(InvalidImport) as refused:
        import_definition({"trialConcurrency": 1, field: "search_space.json", "tuner": {"name": "TPE"}})

    [[message]] = refused.value.errors.values()
    assert message == f"Its search space is in another file, search_space.json ({field}): import that file."


def test_a_space_of_adapters_becomes_a_lora_job() -> None:
    imported = import_definition({"parameters": {"lora_rank": {"values": [4, 16]}, "learning_rate": RATE}})

    assert imported.job["method"] == created(imported).method == "lora"
