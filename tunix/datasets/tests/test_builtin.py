"""The built-in datasets exist in every installation, and are restored when their files are missing."""

from __future__ import annotations

import logging
import shutil
from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets import services
from tunix.datasets.builtin import BUILT_IN, BuiltIn
from tunix.datasets.models import Dataset
from tunix.datasets.services import ensure_builtin_datasets, get_dataset
from tunix.pipeline.data.rows import Row, verify

from .making import import_train, jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    rows = {split: [Row(f"{split}?", "yes")] for split in ("train", "validation", "test")}
    monkeypatch.setattr(services, "BUILT_IN", {"toy-v1": BuiltIn("made here", lambda: rows)})
    return "toy-v1"


def test_made_once(toy: str) -> None:
    ensure_builtin_datasets()
    ensure_builtin_datasets()
    dataset = Dataset.objects.get(key=toy)
    assert (dataset.train_rows, dataset.validation_rows, dataset.test_rows) == (1, 1, 1)


def test_asking_makes_it(toy: str) -> None:
    assert get_dataset(toy).source == "made here"


def test_asking_restores_its_files(toy: str) -> None:
    shutil.rmtree(get_dataset(toy).folder)
    dataset = get_dataset(toy)
    verify(dataset.folder, dataset.version)


def test_other_rows_than_before_do_not_stop_a_migration(toy: str, caplog: pytest.LogCaptureFixture) -> None:
    dataset = import_train(jsonl(pairs(2)), key=toy)
    shutil.rmtree(dataset.folder)
    with caplog.at_level(logging.WARNING):
        ensure_builtin_datasets()
    assert "toy-v1 could not be created" in caplog.text


def test_arithmetic_is_the_same_everywhere(artifacts_dir: Any) -> None:
    first = get_dataset("arithmetic-v1")
    shutil.rmtree(first.folder)
    again = get_dataset("arithmetic-v1")
    verify(again.folder, first.version)
    assert min(again.train_rows, again.validation_rows, again.test_rows) > 0


def test_arithmetic_has_no_row_in_two_splits() -> None:
    assert get_dataset("arithmetic-v1").manifest_json["overlap"]["prompts"] == 0


def test_every_built_in_is_there_after_migrations() -> None:
    made = {key for key, built_in in BUILT_IN.items() if not built_in.on_demand}
    assert made <= set(Dataset.objects.values_list("key", flat=True))


def test_one_on_demand_is_made_when_it_is_asked_for() -> None:
    assert not Dataset.objects.filter(key="dates-v1").exists()
    assert get_dataset("dates-v1").manifest_json["overlap"]["prompts"] == 0


def test_unknown_key_has_a_hint() -> None:
    make_dataset("banking77")
    with pytest.raises(InvalidInput) as error:
        get_dataset("banking-77")
    assert error.value.errors == {"dataset_key": ["There is no dataset 'banking-77'. Did you mean 'banking77'?"]}


def test_lost_files_are_told() -> None:
    shutil.rmtree(make_dataset().folder)
    with pytest.raises(InvalidInput) as error:
        get_dataset("tiny")
    assert "Import the same files again" in error.value.errors["dataset_key"][0]
