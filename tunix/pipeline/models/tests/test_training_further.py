"""Training that starts from a promoted model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tunix.pipeline.data.row_order import FILE_ORDER, HASH_ORDER
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.engine.warm_cache import warm_cache
from tunix.pipeline.models import checkpoint
from tunix.pipeline.models.promoted import model_dir
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, PromptSpec, RunResult
from tunix.pipeline.tests.making import make_dataset, make_promoted, make_rows, make_spec, no_report

pytestmark = pytest.mark.slow
PARENT = "promoted/letters@1"


@pytest.fixture(scope="module")
def parent(artifacts: Path, letters: DatasetRef) -> RunResult:
    """A run that learned letters, promoted."""
    result = execute(make_spec(letters, num_steps=40), no_report, artifacts_dir=artifacts)
    make_promoted(artifacts, artifacts / "runs" / result.run_id / "checkpoint", name="letters")
    return result


def log_of(artifacts: Path, result: RunResult) -> str:
    return (artifacts / "runs" / result.run_id / "log.txt").read_text()


def test_it_starts_where_its_parent_ended(artifacts: Path, letters: DatasetRef, parent: RunResult) -> None:
    info = resolve_base_model(PARENT, artifacts)
    spec = make_spec(letters, base_model_id=PARENT, base_model_hash=info.content_hash, num_steps=1, learning_rate=1e-6)
    child = execute(spec, no_report, artifacts_dir=artifacts)
    assert (child.outcome, child.error) == ("completed", "")
    assert child.metrics["score_mean"] >= parent.metrics["score_mean"]
    assert child.metrics["eval_loss"] == pytest.approx(parent.metrics["eval_loss"], abs=0.02)
    assert "does not know" not in log_of(artifacts, child)


def test_its_tokenizer_travels_and_what_it_cannot_read_is_counted(artifacts: Path, parent: RunResult) -> None:
    rows = make_rows(64)
    other = make_dataset(artifacts, "umlauts", train=[*rows, Row("ä 1", "A"), Row("ää 2", "A")], validation=rows[:8])
    child = execute(make_spec(other, base_model_id=PARENT), no_report, artifacts_dir=artifacts)
    tokenizers = [artifacts / "runs" / run.run_id / "checkpoint" / "tokenizer.json" for run in (parent, child)]
    assert tokenizers[0].read_text() == tokenizers[1].read_text()
    assert (
        "in the train split the tokenizer of promoted/letters@1 does not know 3 characters in 2 texts: 'ä'."
        in log_of(artifacts, child)
    )


def test_weights_that_changed_are_no_base_model(artifacts: Path, letters: DatasetRef, parent: RunResult) -> None:
    damaged = make_promoted(artifacts, artifacts / "runs" / parent.run_id / "checkpoint", name="damaged")
    with (model_dir(artifacts, damaged) / "weights.safetensors").open("ab") as file:
        file.write(b"0")
    result = execute(make_spec(letters, base_model_id=damaged), no_report, artifacts_dir=artifacts)
    assert (result.outcome, result.reason) == ("failed", "user_error")
    assert result.error == "Base model 'promoted/damaged@1' was changed since it was promoted: weights.safetensors."


def test_another_model_under_the_same_id_is_refused(artifacts: Path, letters: DatasetRef, parent: RunResult) -> None:
    spec = make_spec(letters, base_model_id=PARENT, base_model_hash="0" * 64)
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert result.reason == "user_error"
    assert "does not have the hash 000000000000." in result.error


def test_files_that_nothing_can_be_built_from_are_said(artifacts: Path, letters: DatasetRef) -> None:
    result = execute(make_spec(letters, base_model_id=make_promoted(artifacts)), no_report, artifacts_dir=artifacts)
    assert result.reason == "user_error"
    assert "Base model 'promoted/mine@1' cannot be loaded" in result.error


def test_a_worker_tells_models_of_one_id_apart_by_their_hash(
    artifacts: Path, letters: DatasetRef, parent: RunResult
) -> None:
    info = resolve_base_model(PARENT, artifacts)
    folder, cache = artifacts / "datasets" / letters.key, artifacts / "cache"
    dataset = verified_dataset(folder, letters.version)
    first = warm_cache(info, dataset, PromptSpec(), HASH_ORDER, cache)
    assert warm_cache(info, dataset, PromptSpec(), HASH_ORDER, cache) is first
    assert warm_cache(replace(info, files_hash="1" * 64), dataset, PromptSpec(), HASH_ORDER, cache) is not first
    assert warm_cache(info, dataset, PromptSpec(), FILE_ORDER, cache) is not first


def test_the_folder_is_loaded_as_its_card_says(artifacts: Path, parent: RunResult) -> None:
    model, tokenizer = checkpoint.load(artifacts / "models" / "letters" / "1")
    assert model.config.num_embed == tokenizer.vocab_size


def test_model_cards_of_the_release_before_find_the_checkpoint_module() -> None:
    from tunix.pipeline import checkpoint as alias

    assert alias.load is checkpoint.load
