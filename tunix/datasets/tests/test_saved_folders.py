"""Folders that `save_to_disk` of the datasets library wrote, imported by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command
from pyarrow import ipc

from tunix.datasets.importing.saved_folders import saved_sources
from tunix.datasets.models import Dataset

from .making import import_train, jsonl, pairs

pytestmark = pytest.mark.django_db

ROWS = pairs(300)


def save(folder: Path, rows: list[Any] = ROWS, files: int = 1) -> Path:
    """A folder as the library writes it: rows are pairs, or objects."""
    folder.mkdir(parents=True, exist_ok=True)
    objects = [row if isinstance(row, dict) else {"prompt": row[0], "answer": row[1]} for row in rows]
    names = [f"data-{number:05}-of-{files:05}.arrow" for number in range(files)]
    for number, name in enumerate(names):
        part = objects[number * len(rows) // files : (number + 1) * len(rows) // files]
        table = pa.Table.from_pylist(part)
        with ipc.new_stream(str(folder / name), table.schema) as writer:
            writer.write_table(table, max_chunksize=70)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def save_splits(folder: Path, **splits: list[Any]) -> Path:
    for name, rows in splits.items():
        save(folder / name, rows)
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}))
    return folder


def run(*arguments: Any) -> Dataset:
    call_command("import_dataset", "fresh", *map(str, arguments))
    return Dataset.objects.get(key="fresh")


def error_of(*arguments: Any) -> str:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return str(error.value)


@pytest.mark.parametrize("files", [1, 3])
def test_the_version_is_that_of_json_lines(files: int, tmp_path: Path) -> None:
    folder = save(tmp_path / "saved", files=files)
    dataset = run("--train", folder, "--validation-fraction", 0, "--test-fraction", 0)
    assert dataset.version == import_train(jsonl(ROWS), key="lines").version
    size = sum(path.stat().st_size for path in folder.glob("*.arrow"))
    file = dataset.manifest_json["files"]["train"]
    assert (file["name"], file["bytes"], file["rows"]) == ("saved", size, 300)


def test_a_folder_that_the_library_wrote(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = [{"prompt": prompt, "answer": answer} for prompt, answer in ROWS]
    whole = datasets.Dataset.from_list(rows)
    parts = {"train": whole.select(range(250)), "validation": whole.select(range(250, 300))}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "saved"))
    dataset = run("--file", tmp_path / "saved", "--test-fraction", 0)
    assert (dataset.train_rows, dataset.validation_rows, dataset.test_rows) == (250, 50, 0)


def test_splits(tmp_path: Path) -> None:
    dataset = run("--file", save_splits(tmp_path / "saved", train=ROWS[:5], test=ROWS[5:7], dev=ROWS[7:10]))
    assert (dataset.train_rows, dataset.validation_rows, dataset.test_rows) == (5, 3, 2)


@pytest.mark.parametrize("name", ["validation", "valid", "val", "dev", "Validation"])
def test_names_of_splits(name: str, tmp_path: Path) -> None:
    folder = save_splits(tmp_path / "saved", train=ROWS[:5], **{name: ROWS[7:10]})
    sources = saved_sources("file", folder)
    assert {split: source.name for split, source in sources.items()} == {"train": "train", "validation": name}


def test_one_folder_is_split_by_hash(tmp_path: Path) -> None:
    assert run("--file", save(tmp_path / "saved")).test_rows > 0


def test_messages(tmp_path: Path) -> None:
    turns = [[{"role": "user", "content": p}, {"role": "assistant", "content": a}] for p, a in ROWS]
    assert run("--file", save(tmp_path / "saved", [{"messages": turn} for turn in turns])).train_rows > 200


@pytest.mark.parametrize("splits", [("train", "extra"), ("train", "val", "dev"), ("test_a", "test_b")])
def test_splits_that_are_not_clear(splits: tuple[str, ...], tmp_path: Path) -> None:
    folder = save_splits(tmp_path / "saved", **dict.fromkeys(splits, ROWS[:3]))
    assert f"--file: The splits are {', '.join(splits)}. Only one each of train" in error_of("--file", folder)


def test_splits_given_as_one(tmp_path: Path) -> None:
    folder = save_splits(tmp_path / "saved", train=ROWS[:5], test=ROWS[5:7])
    assert "has the splits train, test. Give the folder of one, or the whole" in error_of("--train", folder)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "does not list the Arrow files"),
        ("{}", "does not list the Arrow files"),
        ('{"_data_files": [3]}', "does not list the Arrow files"),
        ('{"_data_files": [{"filename": "../outside.arrow"}]}', "does not list the Arrow files"),
        ('{"_data_files": [{"filename": "/etc/hostname"}]}', "does not list the Arrow files"),
        ('{"_data_files": [{"filename": "none.arrow"}]}', "none.arrow is missing, although state.json names it."),
    ],
)
def test_a_list_of_files_that_cannot_be_used(state: str, words: str, tmp_path: Path) -> None:
    folder = save(tmp_path / "saved")
    (folder / "state.json").write_text(state)
    assert words in error_of("--file", folder)


def test_another_folder(tmp_path: Path) -> None:
    assert "is a folder without state.json or dataset_dict.json." in error_of("--file", tmp_path)


@pytest.mark.parametrize("kept", [0, 10, 2000, -8, -4])
def test_a_file_that_is_cut_off(kept: int, tmp_path: Path) -> None:
    folder = save(tmp_path / "saved", files=2)
    file = folder / "data-00001-of-00002.arrow"
    file.write_bytes(file.read_bytes()[:kept])
    assert "The Arrow file is damaged" in error_of("--file", folder)


def test_files_with_other_columns(tmp_path: Path) -> None:
    folder = save(tmp_path / "saved", files=2)
    other = save(tmp_path / "other", [{"q": "a", "a": "b"}])
    (other / "data-00000-of-00001.arrow").rename(folder / "data-00001-of-00002.arrow")
    assert "The Arrow file is damaged" in error_of("--file", folder)


def test_a_row_is_found_by_its_number(tmp_path: Path) -> None:
    folder = save(tmp_path / "saved", [*ROWS, ("a", None)])
    assert "file.row 301: 'answer' is null." in error_of("--file", folder)
