"""A dataset is hashed and read once, until one of its files changes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline import stamps
from tunix.pipeline.data import verified
from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.data.verified import MOST_DATASETS, verified_dataset
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import make_dataset, make_rows


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often files are hashed and read; every file counts as settled."""
    verified.clear()
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    counts: Counter[str] = Counter()
    for name in ("verify", "load_sample", "rows_sha256"):
        monkeypatch.setattr(verified, name, counted(counts, name))
    return counts


def counted(counts: Counter[str], name: str) -> Any:
    function = getattr(verified, name)

    def call(*args: Any) -> Any:
        counts[name] += 1
        return function(*args)

    return call


def use(artifacts: Path, dataset: DatasetRef) -> int:
    """As a run does; how many rows it gets."""
    found = verified_dataset(artifacts / "datasets" / dataset.key, dataset.version)
    found.sample_sha256("validation", 8, HASH_ORDER)
    return len(found.sample("validation", 8, HASH_ORDER).rows)


def test_each_dataset_is_hashed_and_read_once(tmp_path: Path, counts: Counter[str]) -> None:
    datasets = [make_dataset(tmp_path, f"letters-{number}") for number in range(MOST_DATASETS)]
    assert [use(tmp_path, dataset) for _ in range(3) for dataset in datasets] == [8] * 3 * MOST_DATASETS
    assert counts == dict.fromkeys(("verify", "load_sample", "rows_sha256"), MOST_DATASETS)


def test_the_least_recently_used_dataset_is_dropped(tmp_path: Path, counts: Counter[str]) -> None:
    first, *others = [make_dataset(tmp_path, f"letters-{number}") for number in range(MOST_DATASETS + 1)]
    for dataset in (first, *others, others[-1]):
        use(tmp_path, dataset)
    assert counts["load_sample"] == MOST_DATASETS + 1
    use(tmp_path, first)
    assert counts["load_sample"] == MOST_DATASETS + 2


@pytest.mark.usefixtures("counts")
def test_a_change_is_noticed_even_if_size_and_modification_time_are_restored(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    path = tmp_path / "datasets" / "letters" / "validation.jsonl"
    use(tmp_path, dataset)
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"A"', b'"X"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    with pytest.raises(DatasetError, match="not those of version"):
        use(tmp_path, dataset)


@pytest.mark.usefixtures("counts")
@pytest.mark.parametrize("name", ["validation.jsonl", "manifest.json"])
def test_a_file_that_is_gone_is_noticed(name: str, tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    use(tmp_path, dataset)
    (tmp_path / "datasets" / "letters" / name).unlink()
    with pytest.raises(DatasetError):
        use(tmp_path, dataset)


def test_a_file_written_again_with_the_same_rows_is_read_again(tmp_path: Path, counts: Counter[str]) -> None:
    for _ in range(2):
        use(tmp_path, make_dataset(tmp_path))
    assert counts == {"verify": 2, "load_sample": 2, "rows_sha256": 2}


def test_a_file_written_a_moment_ago_is_not_trusted(
    tmp_path: Path, counts: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", 3600)
    dataset = make_dataset(tmp_path)
    for _ in range(2):
        use(tmp_path, dataset)
    assert counts["verify"] == 2


def test_another_version_under_the_same_key_is_another_dataset(tmp_path: Path, counts: Counter[str]) -> None:
    use(tmp_path, make_dataset(tmp_path))
    changed = make_dataset(tmp_path, train=make_rows(9), validation=make_rows(3))
    assert use(tmp_path, changed) == 3
    assert counts["load_sample"] == 2
