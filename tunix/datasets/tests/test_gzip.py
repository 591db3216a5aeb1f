"""Files compressed by gzip are read as what is in them; damaged ones and bombs end with an error after bounded work."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source, gzipped, sources
from tunix.datasets.services import import_dataset

from .making import import_train, jsonl, pairs

pytestmark = pytest.mark.django_db

ROWS = pairs(400)
TEXTS = {
    "train.jsonl.gz": jsonl(ROWS),
    "train.json.gz": json.dumps([{"prompt": p, "answer": a} for p, a in ROWS], indent=1).encode(),
    "train.csv.gz": ("prompt,answer\n" + "".join(f"{p},{a}\n" for p, a in ROWS)).encode(),
    "train.tsv.gz": ("prompt\tanswer\n" + "".join(f"{p}\t{a}\n" for p, a in ROWS)).encode(),
}
KINDS = pytest.mark.parametrize(("name", "text"), TEXTS.items(), ids=TEXTS)


def errors_of(data: bytes, name: str = "train.jsonl.gz", **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        import_train(data, name, **options)
    return error.value.errors


@KINDS
def test_the_rows_are_those_of_the_plain_file(name: str, text: bytes) -> None:
    packed = import_train(gzip.compress(text), name)
    assert packed.version == import_train(jsonl(ROWS), key="plain").version


@pytest.mark.parametrize("name", ["train.jsonl", "train", "train.GZ", "train.ndjson.gzip", "train.json.gz"])
def test_the_first_bytes_tell_and_not_the_name(name: str) -> None:
    assert import_train(gzip.compress(jsonl(ROWS)), name).train_rows == 400


def test_a_plain_file_under_the_name_of_a_compressed_one() -> None:
    assert import_train(jsonl(ROWS), "train.jsonl.gz", format="jsonl").train_rows == 400


def test_members_that_follow_each_other_are_one_file() -> None:
    both = gzip.compress(jsonl(ROWS[:300])) + gzip.compress(b"") + gzip.compress(jsonl(ROWS[300:])) + b"\0" * 512
    assert import_train(both, "train.jsonl.gz").train_rows == 400


def test_the_manifest_describes_the_file_as_it_was_given() -> None:
    data = gzip.compress(jsonl(ROWS))
    file = import_train(data, "train.jsonl.gz").manifest_json["files"]["train"]
    given = {"name": "train.jsonl.gz", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "rows": 400}
    assert file == given


def test_progress_counts_the_bytes_of_the_file() -> None:
    data, seen = gzip.compress(jsonl(ROWS)), []
    source = {"file": Source.from_bytes("rows.gz", data)}
    import_dataset(key="seen", sources=source, on_progress=lambda name, count: seen.append(count))
    assert sum(seen) == len(data)


def whole_lines_before(data: bytes) -> int:
    """What zlib gets out of the beginning of a file."""
    return zlib.decompressobj(31).decompress(data).count(b"\n")


@KINDS
def test_a_file_that_is_cut_off(name: str, text: bytes) -> None:
    cut = gzip.compress(text)[:-40]
    place, messages = next(iter(errors_of(cut, name).items()))
    cut_off = "The gzip file is cut off: its end is missing. Copy or download it again. Reading stopped here."
    assert (place, messages) == (f"train.{whole_lines_before(cut) + 1}", [cut_off])


@pytest.mark.parametrize("kept", [2, 9, 10, 12])
def test_a_file_that_is_cut_off_before_its_first_row(kept: int) -> None:
    assert errors_of(gzip.compress(jsonl(ROWS))[:kept])["train"][0].startswith("The gzip file is cut off")


@KINDS
def test_a_checksum_that_does_not_match(name: str, text: bytes) -> None:
    data = bytearray(gzip.compress(text))
    data[-8] ^= 1
    (message,) = next(iter(errors_of(bytes(data), name).values()))
    assert message.startswith("The gzip file is damaged: its checksum does not match its contents.")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(jsonl(ROWS)) + b"more text", "other bytes follow the compressed data"),
        (b"\x1f\x8b\x07" + b"\0" * 40, "its compressed data cannot be read"),
        (gzip.compress(jsonl(ROWS))[:10] + b"\xff" * 40, "its compressed data cannot be read"),
    ],
    ids=["more", "unknown method", "no data"],
)
def test_damaged_files(data: bytes, words: str) -> None:
    (messages,) = errors_of(data).values()
    assert messages[0].startswith(f"The gzip file is damaged: {words}. Copy or download it again.")


BOMBS = {
    "equal rows": jsonl(ROWS[:1]),
    "blank lines": b"\n",
    "one text": b"x",
    "spaces": b" ",
    "empty rows": b"{}\n",
    "an array": b"[" * 2,
}


@pytest.mark.parametrize("filling", BOMBS.values(), ids=BOMBS)
def test_a_bomb_stops_early(filling: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "FREE_BYTES", 200_000)
    monkeypatch.setattr(gzipped, "FREE_ROWS", 10_000)
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 100_000)
    data = gzip.compress(jsonl(ROWS[:1]) + filling * (2_000_000 // len(filling)))
    read: list[int] = []
    counted = gzipped.UnpackLimits.add
    monkeypatch.setattr(gzipped.UnpackLimits, "add", lambda self, data: (read.append(len(data)), counted(self, data)))
    errors = errors_of(data)
    assert any("The file unpacks to more than" in text for texts in errors.values() for text in texts)
    assert sum(read) < 1_500_000


def test_text_that_shrinks_well_is_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "FREE_BYTES", 0)
    rows = [(f"{'You are a careful assistant. ' * 20} Question {number}", "yes") for number in range(300)]
    assert import_train(gzip.compress(jsonl(rows)), "train.gz").train_rows == 300


@pytest.mark.parametrize("through", ["api", "page"])
def test_an_upload_is_limited_in_what_it_unpacks_to(through: str, api: Any, web: Client, settings: Any) -> None:
    settings.MAX_UNPACKED_BYTES = 10_000
    fields = {"key": "fresh", "project": "default", "file": SimpleUploadedFile("a.gz", gzip.compress(jsonl(ROWS)))}
    if through == "api":
        errors = api.post("/api/datasets", fields, format="multipart").json()["errors"]
    else:
        errors = web.post("/datasets/import/", fields).context["form"].errors
    assert "unpacks to more than 0.009537 MiB, the limit for uploads" in str(errors)


@pytest.mark.parametrize("name", TEXTS)
def test_an_upload(name: str, api: Any) -> None:
    file = SimpleUploadedFile(name, gzip.compress(TEXTS[name]))
    answer = api.post("/api/datasets", {"key": "fresh", "file": file}, format="multipart")
    assert answer.status_code == 201
    assert sum(answer.data[f"{split}_rows"] for split in ("train", "validation", "test")) == 400


@KINDS
def test_the_command(name: str, text: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(gzip.compress(text))
    call_command("import_dataset", "fresh", "--file", str(tmp_path / name), stdout=(out := StringIO()))
    assert out.getvalue().startswith("Imported fresh")


def test_the_command_says_where_a_file_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(jsonl(ROWS))[:-40])
    with pytest.raises(CommandError, match=r"  file\.\d+: The gzip file is cut off"):
        call_command("import_dataset", "fresh", "--file", str(tmp_path / "a.gz"))


def test_a_pattern_and_splits_work_as_for_plain_files() -> None:
    files = {"train": Source.from_bytes("train.gz", gzip.compress(jsonl(ROWS[:300])))}
    files["test"] = Source.from_bytes("test.jsonl", jsonl(ROWS[300:]))
    options = ImportOptions(answer_pattern=r"answer (\d+)", validation_fraction=0)
    dataset = import_dataset(key="both", sources=files, options=options)
    assert (dataset.train_rows, dataset.test_rows) == (300, 100)
