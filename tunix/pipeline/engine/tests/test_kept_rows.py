"""What a warm worker keeps of the rows of a dataset, and what it says about those that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.engine.trainer import PeftLoop
from tunix.pipeline.engine.warm_cache import WarmCache
from tunix.pipeline.folder import dataset_dir
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.run import execute
from tunix.pipeline.spec import PromptSpec
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

KEY = "long-validation"
LONG = [*make_rows(5), Row("a " * 90, "A")]
SPLITS = {"train": make_rows(64), "validation": LONG}


def cache_of(folder: Path, prompt: PromptSpec | None = None) -> WarmCache:
    dataset = make_dataset(folder, KEY, **SPLITS)
    verified = verified_dataset(dataset_dir(folder, KEY), dataset.version)
    info = resolve_base_model("tiny-gemma3", folder)
    return WarmCache(info, verified, prompt or PromptSpec(), HASH_ORDER, folder / "cache")


def test_a_split_is_tokenized_once_for_all_lengths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = cache_of(tmp_path)
    kind, calls = type(cache.tokenizer), []
    tokenized = kind.tokenized

    def counted(tokenizer: object, rows: list[Row]) -> list[TokenizedRow]:
        calls.append(len(rows))
        return tokenized(tokenizer, rows)

    monkeypatch.setattr(kind, "tokenized", counted)
    found = [(cache.training_rows(length), cache.evaluation_set(length)) for length in (32, 64, 128)]
    assert calls == [64, 6]
    assert len(found) == 3


def test_few_copies_of_the_training_rows_are_kept(tmp_path: Path) -> None:
    cache = cache_of(tmp_path)
    first = cache.training_rows(32)
    assert cache.training_rows(32) is first
    for length in (33, 34, 35, 36):
        cache.training_rows(length)
    assert cache.training_rows(32) is not first


def test_a_packing_is_kept(tmp_path: Path) -> None:
    cache = cache_of(tmp_path)
    assert cache.packings(32, 8) is cache.packings(32, 8)
    assert cache.packings(32, 8) is not cache.packings(32, 4)


def test_an_error_names_the_split_and_the_dataset(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, PromptSpec(too_long="refuse"))
    with pytest.raises(DatasetError, match=rf"^In the validation rows of {KEY}: 1 of 6 rows are longer"):
        cache.evaluation_set(64)


def test_validation_rows_that_are_cut_or_left_out_are_counted(tmp_path: Path) -> None:
    cut = cache_of(tmp_path).evaluation_set(64)
    dropped = cache_of(tmp_path, PromptSpec(too_long="drop")).evaluation_set(64)
    assert (cut.cut, cut.dropped, dropped.cut, dropped.dropped) == (1, 0, 0, 1)


def test_few_programs_of_a_search_over_accumulation_are_kept() -> None:
    loop = PeftLoop()
    for accumulation in range(1, 50):
        loop._steps_for(resolve({"gradient_accumulation_steps": accumulation}, "full"))
    assert len(loop._steps) < 20


@pytest.mark.slow
@pytest.mark.parametrize("decode", ["generate", "likelihood"])
def test_a_run_logs_validation_rows_and_judged_prompts_that_were_cut(artifacts: Path, decode: str) -> None:
    judge = {"judge": "choice_match", "judge_options": {"decode": "likelihood"}} if decode == "likelihood" else {}
    spec = make_spec(make_dataset(artifacts, KEY, **SPLITS), judge, max_seq_length=64, num_steps=1)
    assert execute(spec, no_report, artifacts_dir=artifacts).outcome == "completed"
    log = (artifacts / "runs" / spec.run_id / "log.txt").read_text()
    assert "Warning: 1 validation rows were cut to max_seq_length, 64 tokens." in log
    assert "Warning: 1 judged prompts were cut to max_seq_length, 64 tokens." in log
