"""Python that changes a search space after it is written: followed where that is plain, and refused where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import Imported

SPACE = "from ray import tune\nspace = {'learning_rate': tune.uniform(0.1, 0.2), 'seed': tune.choice([1, 2])}\n"


def imported(change: str) -> Imported:
    return import_definition(SPACE + change)


@pytest.mark.parametrize(
    ("change", "rate"),
    [
        ("space['learning_rate'] = tune.uniform(0.3, 0.4)", {"type": "uniform", "min": 0.3, "max": 0.4}),
        ("space.update(learning_rate=+0.3)", {"type": "constant", "value": 0.3}),
        ("space.update({'learning_rate': 0.3})", {"type": "constant", "value": 0.3}),
        ("rates = {}\nrates['learning_rate'] = 1", {"type": "uniform", "min": 0.1, "max": 0.2}),
    ],
)
def test_plain_changes_are_followed(change: str, rate: Any) -> None:
    assert imported(change).space["learning_rate"] == rate
    assert not imported(change).refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("del space['learning_rate']", "space['learning_rate']"),
        ("space['learning_rate'] *= 2", "space['learning_rate']"),
        ("space[name] = 1", "space[name]"),
        ("space.pop('learning_rate')", "space.pop('learning_rate')"),
        ("space.clear()", "space.clear()"),
        ("space |= {'learning_rate': 1}", "space |= {'learning_rate': 1}"),
        ("if fast:\n    space['learning_rate'] = 1", "space['learning_rate']"),
        ("def prepare():\n    space.update(learning_rate=1)", "space.update(learning_rate=1)"),
    ],
)
def test_other_changes_are_refused_with_their_words(change: str, words: str) -> None:
    (refused,) = imported(change).refused
    assert (refused.path, refused.source) == ("definition", words)
    assert refused.message.startswith("Not followed, although it changes the search space.")


def test_name_of_another_scope_is_no_change() -> None:
    assert not imported("def train(space):\n    space['learning_rate'] *= 2").refused
