from __future__ import annotations

import math

import pytest

from tunix.pipeline.hyperparameters import HYPERPARAMETERS, InvalidHyperparameters, check, names_of, resolve, used_in
from tunix.pipeline.spec import TRAINED, Method


def test_defaults_are_valid_and_usual() -> None:
    params = {name: known.default for name, known in HYPERPARAMETERS.items()}
    assert check(params, method=None) == ({}, {})


def test_every_hyperparameter_says_what_it_does() -> None:
    assert all(known.help.endswith(".") for known in HYPERPARAMETERS.values())


def test_unknown_name_is_an_error_that_names_the_nearest() -> None:
    errors, _ = check({"learning_rat": 1e-3})
    assert errors == {"learning_rat": ["Unknown hyperparameter. Did you mean 'learning_rate'?"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", 1e8),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("learning_rate", "1e-3"),
        ("learning_rate", True),
        ("learning_rate", None),
        ("batch_size", 0),
        ("batch_size", 4097),
        ("batch_size", True),
        ("batch_size", 1.5),
        ("beta1", 1),
        ("optimizer", "adamx"),
        ("optimizer", 3),
        ("seed", -1),
        ("seed", 10**400),
        ("schedule", None),
    ],
)
def test_invalid_value_is_an_error(name: str, value: object) -> None:
    errors, warnings = check({name: value})
    assert list(errors) == [name]
    assert warnings == {}


def test_huge_learning_rate_is_valid_and_warns() -> None:
    errors, warnings = check({"learning_rate": 1e6})
    assert errors == {}
    assert warnings == {"learning_rate": ["1e+06 is outside the usual range, 1e-06 to 0.1."]}


def test_epochs_and_steps_exclude_each_other() -> None:
    assert check({"num_epochs": 1, "num_steps": 1})[0] == {"num_steps": ["Give num_epochs or num_steps, not both."]}


@pytest.mark.parametrize("method", TRAINED)
def test_resolve_fills_in_the_defaults_of_a_method(method: Method) -> None:
    resolved = resolve({"learning_rate": 1}, method)
    assert tuple(resolved) == names_of(method)
    assert resolved["learning_rate"] == 1.0


def test_only_methods_with_adapters_have_hyperparameters_of_adapters() -> None:
    assert [sum(name.startswith("lora_") for name in names_of(method)) for method in TRAINED] == [0, 4, 4]
    assert "base_quantization" not in names_of("lora")


def test_a_hyperparameter_of_another_method_is_refused() -> None:
    errors, _ = check({"lora_rank": 8, "base_quantization": "nf4"}, "full")
    assert errors == {
        "lora_rank": ["Only the method lora or qlora has it; the method is full. Remove it."],
        "base_quantization": ["Only the method qlora has it; the method is full. Remove it."],
    }


def test_resolve_drops_epochs_when_steps_are_given() -> None:
    resolved = resolve({"num_steps": 7})
    assert (resolved["num_steps"], resolved["num_epochs"]) == (7, None)


def test_resolve_falls_back_on_epochs() -> None:
    assert resolve({"num_epochs": None})["num_epochs"] == HYPERPARAMETERS["num_epochs"].default


def test_resolve_is_idempotent() -> None:
    once = resolve({"num_steps": 7})
    assert resolve(once) == once


def test_resolve_takes_a_whole_float_for_an_int() -> None:
    assert repr(resolve({"batch_size": 32.0})["batch_size"]) == "32"


def test_resolve_raises_with_all_errors() -> None:
    with pytest.raises(InvalidHyperparameters) as caught:
        resolve({"batch_size": 0, "nonsense": 1})
    assert set(caught.value.errors) == {"batch_size", "nonsense"}


def test_a_choice_is_a_number_by_its_place() -> None:
    assert [HYPERPARAMETERS["schedule"].as_number(name) for name in ("constant", "cosine")] == [0.0, 2.0]


def test_only_programs_and_shapes_recompile() -> None:
    untraced = {name for name, known in HYPERPARAMETERS.items() if not known.traced}
    assert untraced == {*used_in("program"), *used_in("shapes")}
    assert untraced & {*names_of("full")} == {
        "optimizer",
        "gradient_accumulation_steps",
        "batch_size",
        "max_seq_length",
        "packing",
        "remat",
    }


def test_a_new_rank_scale_or_dropout_never_recompiles() -> None:
    assert used_in("adapters") == ("lora_rank", "lora_scale", "lora_dropout")
    assert all(HYPERPARAMETERS[name].traced for name in used_in("adapters"))
