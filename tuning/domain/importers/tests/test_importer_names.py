"""Names of other tools: offered, applied where they are given, never taken silently."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import InvalidImport
from tuning.domain.importers.synonyms import OF_METRICS, PARAMETERS, meant_metric, meant_parameter
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS

SWEEP = {
    "parameters": {"lr": {"min": 0.001, "max": 0.1}, "layers": {"value": 2}, "seed": {"values": [1, 2]}},
    "metric": {"name": "val/loss", "goal": "minimize"},
}


def faults(names: Any, definition: Any = SWEEP) -> list[str]:
    with pytest.raises(InvalidImport) as refused:
        import_definition(definition, names=names)
    return list(refused.value.errors)


def test_a_name_that_is_not_ours_is_left_out_and_offered() -> None:
    imported = import_definition(SWEEP)

    assert list(imported.space) == ["seed"]
    assert imported.suggestions == {"val/loss": "eval_loss", "lr": "learning_rate"}
    assert [item.name for item in imported.unmapped] == ["val/loss", "lr", "layers"]


def test_names_that_are_given_are_applied() -> None:
    imported = import_definition(SWEEP, names={"lr": "learning_rate", "val/loss": "eval_loss"})

    assert imported.space["learning_rate"] == {"type": "uniform", "min": 0.001, "max": 0.1}
    assert imported.job == {"metric_name": "eval_loss", "metric_mode": "min"}
    assert [item.name for item in imported.unmapped] == ["layers"]


def test_conditions_and_constraints_follow_the_names() -> None:
    listed = [
        {"name": "opt", "type": "choice", "values": ["adamw", "sgd"], "dependents": {"sgd": ["b1"]}},
        {"name": "b1", "type": "range", "bounds": [0.5, 0.9]},
        {"name": "wd", "type": "range", "bounds": [0.1, 0.9]},
    ]
    names = {"opt": "optimizer", "b1": "beta1", "wd": "weight_decay"}

    imported = import_definition({"parameters": listed, "parameter_constraints": ["b1 <= 2*wd"]}, names=names)

    assert imported.space["beta1"]["when"] == {"optimizer": ["sgd"]}
    assert imported.constraints == ["beta1 <= 2 * weight_decay"]


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ([], "names"),
        ("lr", "names"),
        ({"rl": "learning_rate"}, "names.rl"),
        ({"lr": "learn_rate"}, "names.lr"),
        ({"lr": None}, "names.lr"),
        ({"lr": ["learning_rate"]}, "names.lr"),
        ({"lr": "seed"}, "names.lr"),
        ({"lr": "eval_loss"}, "names.lr"),
        ({"val/loss": "learning_rate"}, "names.val/loss"),
    ],
)
def test_names_that_do_not_fit_are_refused(names: Any, path: str) -> None:
    assert faults(names) == [path]


@pytest.mark.parametrize(
    ("names", "suggestions"),
    [
        (["lr", "base_lr", "learning_rate"], {}),
        (["base_lr", "lr"], {"lr": "learning_rate"}),
        (["eta", "optimizer.base_lr", "--max-lr"], {"optimizer.base_lr": "learning_rate"}),
        (["bs", "train_batch_size", "epochs", "num_epochs"], {"bs": "batch_size"}),
        (["encoder.lr", "decoder.lr", "warmup"], {"encoder.lr": "learning_rate", "warmup": "warmup_ratio"}),
    ],
)
def test_each_name_of_ours_is_suggested_once_so_that_all_can_be_taken(names: list[str], suggestions: Any) -> None:
    sweep = {"parameters": {name: {"values": [1, 2]} for name in names}}

    assert import_definition(sweep).suggestions == suggestions
    assert not import_definition(sweep, names=suggestions).suggestions


def test_report_says_which_name_stands_for_the_hyperparameter() -> None:
    report = import_definition({"parameters": {"lr": {"value": 1}, "learning_rate": {"value": 1}}}).report

    assert report[-1].message.endswith("named lr. It may mean learning_rate, but the definition has that itself.")


def test_suggestions_leave_out_what_the_caller_has_given() -> None:
    sweep = {"parameters": {"lr": {"value": 1}, "base_lr": {"value": 1}}}

    assert import_definition(sweep, names={"base_lr": "learning_rate"}).suggestions == {}


@pytest.mark.parametrize("ours", ["seed", "eval_loss"])
def test_a_name_of_a_parameter_and_a_metric_may_stand_for_either(ours: str) -> None:
    sweep = {"parameters": {"loss": {"value": 1}}, "metric": {"name": "loss"}}

    imported = import_definition(sweep, names={"loss": ours})

    assert [*imported.space, *imported.job.values()] == {"seed": ["seed"], "eval_loss": ["eval_loss", "min"]}[ours]


def test_report_says_that_the_name_was_given_to_another() -> None:
    sweep = {"parameters": {"lr": {"value": 1}, "x": {"value": 0.1}}}

    report = import_definition(sweep, names={"x": "learning_rate"}).report

    assert report[-1].message.endswith("named lr. It may mean learning_rate, but so does x.")


def test_two_metrics_are_not_suggested_for_one() -> None:
    parameters = [{"name": "seed", "type": "fixed", "value": 1}]

    imported = import_definition({"parameters": parameters, "objective": "-test_loss, -val_loss, accuracy"})

    assert imported.suggestions == {"val_loss": "eval_loss", "accuracy": "score_mean"}


def test_two_parameters_cannot_become_one() -> None:
    assert faults({"lr": "learning_rate", "layers": "learning_rate"}) == ["names.layers"]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("lr", "learning_rate"),
        ("per_device_train_batch_size", "batch_size"),
        ("epochs", "num_epochs"),
        ("optimizer.lr", "learning_rate"),
        ("Learning-Rate", "learning_rate"),
        ("--lr", "learning_rate"),
        ("--num-epochs", "num_epochs"),
        ("--optimizer.weight-decay", "weight_decay"),
        ("classifier__batch_size", "batch_size"),
        ("layers", ""),
    ],
)
def test_what_is_probably_meant(name: str, ours: str) -> None:
    assert meant_parameter(name)[0] == ours


@pytest.mark.parametrize("name", ["lora_alpha", "rank", "dropout"])
def test_a_parameter_that_no_run_here_has_is_left_out_and_nothing_is_offered(name: str) -> None:
    imported = import_definition({"parameters": {name: {"values": [8, 16]}, "seed": {"values": [1, 2]}}})

    assert (list(imported.space), imported.suggestions) == (["seed"], {})
    [note] = [note for note in imported.report if note.level != "translated"]
    assert (note.level, note.message) == ("lossy", f"Dropped: there is no hyperparameter named {name}.")


def test_a_parameter_that_no_run_here_has_cannot_be_given_as_a_name() -> None:
    with pytest.raises(InvalidImport) as refused:
        import_definition(SWEEP, names={"layers": "network_alpha"})

    assert refused.value.errors == {"names.layers": ["'network_alpha' is not a hyperparameter or a metric."]}


@pytest.mark.parametrize(("synonyms", "ours"), [(PARAMETERS, HYPERPARAMETERS), (OF_METRICS, METRICS)])
def test_every_name_that_is_offered_is_ours(synonyms: dict[str, tuple[str, ...]], ours: Any) -> None:
    assert set(synonyms) <= set(ours)


def test_a_metric_may_be_called_by_its_split() -> None:
    assert meant_metric("eval/loss")[0] == "eval_loss"


@pytest.mark.parametrize("name", ["eval_bpb", "val/bpb", "bits_per_byte", "val-bits-per-byte"])
def test_bits_per_byte_are_known(name: str) -> None:
    assert meant_metric(name)[0] == "eval_bpb"


@pytest.mark.parametrize("synonyms", [PARAMETERS, OF_METRICS])
def test_no_synonym_stands_for_two(synonyms: dict[str, tuple[str, ...]]) -> None:
    listed = [*synonyms, *(name for names in synonyms.values() for name in names)]

    assert len(listed) == len(set(listed))
