"""What the JSON editor inserts."""

from __future__ import annotations

from tunix.pipeline.hyperparameters import HYPERPARAMETERS, check
from tunix.runs.pages.snippets import help_of, snippets, space_of


def test_every_value_is_valid() -> None:
    assert [check({entry["name"]: entry["value"]}, None)[0] for entry in snippets()] == [{}] * len(HYPERPARAMETERS)


def test_a_wide_range_is_searched_by_order_of_magnitude() -> None:
    assert space_of(HYPERPARAMETERS["learning_rate"])["type"] == "loguniform"


def test_a_choice_offers_its_choices() -> None:
    assert space_of(HYPERPARAMETERS["schedule"]) == {"type": "choice", "values": ["constant", "linear", "cosine"]}


def test_the_help_names_the_methods_of_a_hyperparameter_that_not_all_have() -> None:
    assert help_of(HYPERPARAMETERS["lora_rank"]).endswith("Only with lora or qlora.")
    assert help_of(HYPERPARAMETERS["seed"]) == HYPERPARAMETERS["seed"].help
