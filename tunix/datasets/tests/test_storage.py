"""A row never points at files that are not there, and what failed before is not in the way."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tunix.api.exceptions import Conflict, InvalidInput, NoSpace
from tunix.datasets import services, storage
from tunix.datasets.importing import Source
from tunix.datasets.importing.writing import SplitFiles
from tunix.datasets.models import Dataset
from tunix.pipeline.data.rows import read_manifest, verify

from .making import import_train, jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


def test_manifest_describes_the_files() -> None:
    dataset = make_dataset(source="here", license="MIT")
    assert verify(dataset.folder, dataset.version) == dataset.manifest_json
    assert dataset.manifest_json["splits"]["validation"]["rows"] == 3
    assert dataset.manifest_json["license"] == "MIT"


def test_same_rows_have_the_same_version_under_any_key() -> None:
    assert make_dataset("one").version == make_dataset("other").version


def test_same_rows_again_give_what_is_there() -> None:
    first, again = make_dataset(), make_dataset()
    assert (first.pk, first.is_new, again.is_new) == (again.pk, True, False)


def test_other_rows_under_a_taken_key() -> None:
    make_dataset()
    with pytest.raises(Conflict, match="choose another"):
        import_train(jsonl(pairs(3)))


def test_lost_files_are_restored_by_the_same_import() -> None:
    dataset = make_dataset(license="MIT")
    shutil.rmtree(dataset.folder)
    make_dataset()
    assert read_manifest(dataset.folder)["license"] == "MIT"


def test_damaged_files_are_restored_by_the_same_import() -> None:
    dataset = make_dataset()
    (dataset.folder / "test.jsonl").write_text("")
    make_dataset()
    verify(dataset.folder, dataset.version)


def test_folder_without_a_row_makes_way() -> None:
    leftover = storage.datasets_dir() / "tiny"
    leftover.mkdir()
    (leftover / "train.jsonl").write_text("half")
    dataset = make_dataset()
    verify(dataset.folder, dataset.version)
    assert sorted(entry.name for entry in storage.datasets_dir().iterdir()) == ["arithmetic-v1", "tiny"]


def test_row_is_not_there_when_the_folder_cannot_be_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(services, "put_into_place", fail)
    with pytest.raises(OSError, match="broken disk"):
        make_dataset()
    assert not Dataset.objects.filter(key="tiny").exists()
    assert [entry.name for entry in storage.datasets_dir().iterdir()] == ["arithmetic-v1"]


def test_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(SplitFiles, "write", fail)
    with pytest.raises(NoSpace):
        make_dataset()


def test_import_at_the_same_moment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    store = services._store

    def late(dataset: Dataset, folder: Path) -> Dataset:
        monkeypatch.setattr(services, "_store", store)
        make_dataset()
        monkeypatch.setattr(Dataset.objects, "filter", lambda **kwargs: Dataset.objects.none())
        return store(dataset, folder)

    monkeypatch.setattr(services, "_store", late)
    assert not make_dataset().is_new
    assert Dataset.objects.all().filter(key="tiny").count() == 1


def test_abandoned_folders_are_removed() -> None:
    abandoned = storage.datasets_dir() / ".import-old"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    make_dataset()
    assert not abandoned.exists()


def test_only_the_owner_of_the_process_may_look() -> None:
    assert make_dataset().folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "key", ["", "x", "UPPER", "a/b", "..", "../x", ".hidden", "a\n", "-a", "a-", "é1", "import", "a" * 65]
)
def test_keys_that_are_refused(key: str) -> None:
    with pytest.raises(InvalidInput) as error:
        make_dataset(key)
    assert list(error.value.errors) == ["key"]


def test_file_names_lose_their_folder() -> None:
    class Upload:
        name, size = "/home/ada/train.csv", 3

    assert Source.from_upload(Upload()).name == "train.csv"
