"""What an exported model tells the tools that serve it. Nothing is trained or loaded here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunix.pipeline.data.chat.tests.chat_cases import EOS, MERGED_SYSTEM, tiny_tokenizer
from tunix.pipeline.exporting import trained_model
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.spec import PromptSpec
from tunix.pipeline.tests.folder_runs import add_folder, make_folder_run
from tunix.pipeline.tests.making import make_dataset, make_spec


@pytest.fixture
def pretrained(tmp_path: Path) -> PretrainedModel:
    return add_folder(tmp_path, template=MERGED_SYSTEM)


def test_an_exported_chat_model_stops_at_the_end_of_a_turn_that_its_base_does_not_state(
    tmp_path: Path, pretrained: PretrainedModel
) -> None:
    end_of_text, end_of_turn = (tiny_tokenizer().token_to_id(text) for text in (EOS, "</turn>"))
    assert pretrained.end_token_ids == (end_of_text,)
    spec = make_folder_run(tmp_path, make_dataset(tmp_path), pretrained)

    exported = trained_model(spec, tmp_path).export_merged(tmp_path / "merged")

    assert exported.end_token_ids == (end_of_text, end_of_turn)


@pytest.mark.parametrize(("stated", "used"), [("auto", "chat"), ("text", "text")])
def test_it_says_which_format_it_was_trained_in(
    tmp_path: Path, pretrained: PretrainedModel, stated: str, used: str
) -> None:
    prompt = PromptSpec(format=stated, template="Q: {prompt}", system="Be brief.", examples=2)
    spec = make_folder_run(tmp_path, make_dataset(tmp_path), pretrained, prompt=prompt)

    described = trained_model(spec, tmp_path).described_prompt()

    end_ids = described.pop("end_token_ids")
    assert described == {"format": used, "template": "Q: {prompt}", "system": "Be brief.", "examples": 2}
    assert len(end_ids) == 2


def test_rank_and_scale_are_those_beside_the_adapters(tmp_path: Path, pretrained: PretrainedModel) -> None:
    spec = make_folder_run(tmp_path, make_dataset(tmp_path), pretrained)
    described = tmp_path / "runs" / spec.run_id / "checkpoint" / "model.json"
    described.write_text(json.dumps({"format": 2, "method": "lora", "lora": {"rank": 99, "scale": 99}}))

    assert trained_model(spec, tmp_path).trained.rank == 3


def test_of_a_run_that_trained_nothing_nothing_is_exported(tmp_path: Path) -> None:
    spec = make_spec(make_dataset(tmp_path), method="untuned")

    with pytest.raises(ExportError, match="nothing was trained"):
        trained_model(spec, tmp_path)
