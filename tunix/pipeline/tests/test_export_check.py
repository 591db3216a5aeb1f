"""Runs that started from a folder: their models load again, and their exports are compared with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tunix.pipeline.export_check import check_export, last_logits, main
from tunix.pipeline.exporting import trained_model
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.spec import DatasetRef, Method, RunSpec
from tunix.pipeline.stored_model import stored_model
from tunix.pipeline.tests.folder_runs import SCORE, add_folder, make_folder_run
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec

pytestmark = pytest.mark.slow

ROWS = 8


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def dataset(files: Path) -> DatasetRef:
    return make_dataset(files)


@pytest.fixture(scope="module")
def pretrained(files: Path) -> PretrainedModel:
    return add_folder(files)


@pytest.fixture(scope="module")
def spec(files: Path, dataset: DatasetRef, pretrained: PretrainedModel) -> RunSpec:
    return make_folder_run(files, dataset, pretrained)


def exported(files: Path, spec: RunSpec, target: Path) -> Path:
    trained_model(spec, files).export_merged(target)
    return target


def test_an_export_is_compared_with_its_run(files: Path, spec: RunSpec, tmp_path: Path) -> None:
    from tunix.pipeline.models.loaded import loaded_bases

    check = check_export(spec, files, exported(files, spec, tmp_path / "merged"))

    assert (check.score, check.rows, check.prompts) == (SCORE, ROWS, 8)
    assert (check.equal_answers, check.compared_answers) == (ROWS, ROWS)
    assert check.largest_difference < 1e-3 < check.largest_logit
    assert loaded_bases.bytes == 0, "the base was in memory beside the export"


def test_another_model_is_found_out(files: Path, dataset: DatasetRef, spec: RunSpec, tmp_path: Path) -> None:
    other = make_folder_run(files, dataset, add_folder(files, "other"), "full")
    other = other.model_copy(update={"base_model_id": "mine"})

    check = check_export(spec, files, exported(files, other, tmp_path / "merged"))

    assert check.largest_difference > 0.1
    assert check.equal_answers < ROWS


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_stored_model_is_what_its_export_is(
    files: Path, dataset: DatasetRef, pretrained: PretrainedModel, method: Method, tmp_path: Path
) -> None:
    from tunix.pipeline.models.pretrained.loading import load_model

    spec = make_folder_run(files, dataset, pretrained, method)
    model, tokenizer = stored_model(spec, files)
    merged = trained_model(spec, files).export_merged(tmp_path / "merged")

    tokens = np.array(tokenizer.prompts(make_rows(1)))
    lengths = np.array([tokens.shape[1]])
    found, expected = (last_logits(one, tokens, lengths) for one in (model, load_model(merged)))
    assert np.abs(found - expected).max() < 1e-4


def test_a_run_whose_base_has_changed_cannot_answer(files: Path, spec: RunSpec) -> None:
    other = spec.model_copy(update={"base_model_hash": "0" * 64})

    with pytest.raises(EvaluationUnavailable, match="does not have the hash"):
        stored_model(other, files)
    with pytest.raises(ExportError, match="does not have the hash"):
        trained_model(other, files)


def test_the_process_says_in_a_sentence_why_it_cannot_compare(files: Path, tmp_path: Path) -> None:
    assert "No such file" in main(files, "nobody", tmp_path / "nothing")["error"]


def test_a_run_of_a_built_in_model_has_no_export(files: Path, dataset: DatasetRef) -> None:
    spec = make_spec(dataset)
    folder = files / "runs" / spec.run_id / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"format": 1}))

    with pytest.raises(ExportError, match="tiny-gemma3 is not a folder in the layout of Hugging Face"):
        trained_model(spec, files)
