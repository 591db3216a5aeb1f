"""A GGUF file becomes the folder that it was made from."""

from __future__ import annotations

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.fetching.architectures import UnknownContent
from tunix.pipeline.models.fetching.conversion import convert
from tunix.pipeline.models.fetching.gguf import GgufFile, InvalidGguf
from tunix.pipeline.models.fetching.gguf_tokenizer import tokenizer_of
from tunix.pipeline.models.fetching.tests.tiny_gguf import (
    byte_level_fields,
    changed,
    make_gguf,
    sentence_piece_fields,
    write_gguf,
)
from tunix.pipeline.models.pretrained.inspection import inspect_folder


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_the_folder_has_the_weights_and_the_configuration_of_the_model(architecture: str, tmp_path: Path) -> None:
    config, tensors = make_gguf(tmp_path / "model.gguf", architecture)
    (folder := tmp_path / "folder").mkdir()
    convert(tmp_path / "model.gguf", folder, lambda line: None)
    written = safetensors.numpy.load_file(folder / "model.safetensors")
    assert written.keys() == tensors.keys()
    for name, values in tensors.items():
        # A norm of Gemma loses up to one rounding, because the file has it with one added.
        rounded, one_more = values.astype(ml_dtypes.bfloat16), (values + 1 - 1).astype(ml_dtypes.bfloat16)
        expected = one_more if architecture == "gemma3" and "norm" in name else rounded
        np.testing.assert_array_equal(written[name], expected, err_msg=name)
    stated = json.loads((folder / "config.json").read_text())
    for key in config.keys() - {"torch_dtype", "eos_token_id"}:
        assert stated[key] == config[key], key


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_the_folder_has_no_faults(architecture: str, tmp_path: Path) -> None:
    make_gguf(tmp_path / "model.gguf", architecture)
    (folder := tmp_path / "folder").mkdir()
    lines: list[str] = []
    convert(tmp_path / "model.gguf", folder, lines.append)
    model = inspect_folder(folder)
    assert (model.dtype, model.end_token_ids) == ("bfloat16", (2 if architecture == "llama" else 1,))
    assert (model.chat_template is None) == (architecture == "gemma3")
    assert lines[-1].startswith("Converted ")


def test_byte_level_text_is_merged_and_digits_stay_alone() -> None:
    tokenizer = tokenizer_of(byte_level_fields())
    assert tokenizer.encode("hell he 12").tokens == ["he", "ll", "Ġhe", "Ġ", "1", "2"]
    assert tokenizer.encode("<|im_start|>he").ids[0] == 1
    assert tokenizer.decode(tokenizer.encode("hé 中 12").ids) == "hé 中 12"


def test_sentence_pieces_are_merged_by_score_and_the_rest_is_bytes() -> None:
    tokenizer = tokenizer_of(sentence_piece_fields())
    assert tokenizer.encode(" ab").tokens == ["<bos>", "▁a", "b"]  # ▁a has a better score than ab
    assert tokenizer.encode("abé").tokens == ["<bos>", "ab", "<0xC3>", "<0xA9>"]
    assert tokenizer.encode("\n\n\n").tokens == ["<bos>", "\n\n", "\n"]
    assert tokenizer.decode(tokenizer.encode("a aé").ids) == "a aé"


def test_another_tokenizer_is_refused() -> None:
    with pytest.raises(UnknownContent, match="'qwen2' cannot be converted"):
        tokenizer_of(changed(byte_level_fields(), pre="qwen2"))


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "model.gguf", {"general.architecture": "phi3"}, {})
    with pytest.raises(UnknownContent, match="'phi3' cannot be converted; llama, gemma3 can"):
        convert(file, tmp_path, lambda line: None)


@pytest.mark.parametrize("bytes_kept", [3, 20, 200, -40])
def test_a_file_that_is_cut_off_is_refused(bytes_kept: int, tmp_path: Path) -> None:
    make_gguf(tmp_path / "model.gguf", "llama")
    (tmp_path / "cut.gguf").write_bytes((tmp_path / "model.gguf").read_bytes()[:bytes_kept])
    with pytest.raises(InvalidGguf, match="ends inside of"):
        convert(tmp_path / "cut.gguf", tmp_path, lambda line: None)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"PK\3\4" * 10)
    with pytest.raises(InvalidGguf, match=r"model\.gguf is not a GGUF file"):
        GgufFile(tmp_path / "model.gguf")
