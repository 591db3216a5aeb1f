"""A folder is described by its headers: family, sizes, position embeddings, tokenizer, template, license, hash."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from tunix.pipeline.models.pretrained import headers, shards
from tunix.pipeline.models.pretrained.headers import TensorHeader
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.pipeline.models.pretrained.rope import Rope

from .tiny import change_json, in_new_spelling, make_config, make_folder, make_tensors, write_folder, write_json

FAMILIES = ("llama3", "qwen2", "qwen3", "gemma3")
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_of_each_family_is_read(tmp_path: Path, family: str) -> None:
    model = inspect_folder(make_folder(tmp_path / "model", family))

    sizes = (model.configuration.width, model.configuration.hidden, model.configuration.heads)
    assert (model.configuration.family.name, *sizes) == (family, 64, 96, 4)
    assert model.warnings == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_both_spellings_mean_the_same(tmp_path: Path, family: str) -> None:
    older = make_config(family, rope_theta=5e5, rope_scaling={"type": "linear", "factor": 4.0})

    read = [
        inspect_folder(write_folder(tmp_path / "older", older)),
        inspect_folder(write_folder(tmp_path / "newer", in_new_spelling(older))),
    ]

    assert read[0].configuration == read[1].configuration
    assert read[0].configuration.rope == Rope(5e5, "linear", 4.0)


def test_the_scaling_of_llama_3_1_is_read(tmp_path: Path) -> None:
    model = inspect_folder(make_folder(tmp_path / "model", rope_scaling=LLAMA3))

    assert model.configuration.rope == Rope(1e4, "llama3", 8.0, 1.0, 4.0, 16.0)


def test_only_full_layers_of_gemma_are_scaled_in_the_older_spelling(tmp_path: Path) -> None:
    model = inspect_folder(make_folder(tmp_path / "model", "gemma3", rope_scaling={"rope_type": "linear", "factor": 8}))

    assert (model.configuration.rope.factor, model.configuration.local_rope) == (8.0, Rope(1e4))


def test_a_model_that_also_sees_images_is_read_without_its_image_part(tmp_path: Path) -> None:
    text = make_config("gemma3")
    tensors = {f"language_{name.replace('model.', 'model.model.', 1)}": v for name, v in make_tensors(text).items()}
    tensors["vision_tower.vision_model.post_layernorm.bias"] = tensors["language_model.model.norm.weight"]
    write_folder(tmp_path / "model", text, tensors)
    write_json(tmp_path / "model" / "config.json", {"model_type": "gemma3", "text_config": text, "vision_config": {}})

    model = inspect_folder(tmp_path / "model")

    assert set(model.tensors) == set(make_tensors(text))


def test_parameters_are_counted_once_where_embeddings_are_tied(tmp_path: Path) -> None:
    tied = inspect_folder(make_folder(tmp_path / "tied", tie_word_embeddings=True))
    untied = inspect_folder(make_folder(tmp_path / "untied"))

    counted = sum(value.size for value in make_tensors(make_config("llama3")).values())
    assert (untied.parameters, tied.parameters) == (counted, counted - 48 * 64)


def test_the_stored_type_and_the_files_are_read(tmp_path: Path) -> None:
    model = inspect_folder(make_folder(tmp_path / "model", files=3, torch_dtype="bfloat16"))

    assert (model.dtype, len(model.weight_files)) == ("bfloat16", 3)
    assert model.bytes_of_weights == 2 * model.parameters


def test_ends_of_text_are_those_of_the_generation_config(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    assert inspect_folder(folder).end_token_ids == (2, 5)

    write_json(folder / "generation_config.json", {"eos_token_id": 7})

    assert inspect_folder(folder).end_token_ids == (7,)


@pytest.mark.parametrize(
    ("card", "license_stated"),
    [
        ("---\nlicense: mit\n---\n", "mit (README.md)"),
        ("---\nlicense: other\nlicense_name: gemma\n---\n", "gemma (README.md)"),
        ('---\ntags: [a]\nlicense: "llama3.1"\n---\n', "llama3.1 (README.md)"),
        ("# license: mit\n", ""),
    ],
)
def test_the_license_is_read_from_the_model_card(tmp_path: Path, card: str, license_stated: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "README.md").write_text(card)

    assert inspect_folder(folder).license == license_stated


@pytest.mark.parametrize("name", ["LICENSE", "LICENCE.txt", "GEMMA_TERMS.html"])
def test_a_license_file_is_named(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "README.md").unlink()
    (folder / name).write_text("Terms")

    assert inspect_folder(folder).license == f"see {name}"


def test_the_template_in_its_own_file_is_preferred(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "chat_template.jinja").write_text("{{ 1 }}")

    template = inspect_folder(folder).chat_template

    assert template is not None
    assert (template.text, template.file) == ("{{ 1 }}", "chat_template.jinja")


def test_of_several_templates_the_default_one_is_used(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    templates = [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]
    change_json(folder / "tokenizer_config.json", chat_template=templates)

    template = inspect_folder(folder).chat_template

    assert template is not None
    assert template.text == "d"


def test_a_folder_without_template_license_and_end_gets_warnings(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", eos_token_id=None)
    (folder / "README.md").unlink()
    (folder / "tokenizer_config.json").unlink()

    assert [warning.split(":")[0].split(".")[0] for warning in inspect_folder(folder).warnings] == [
        "The folder has no chat template",
        "No end of text is stated",
        "No license is stated",
    ]


def test_the_hash_covers_weights_and_tokenizer(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    before = inspect_folder(folder).content_hash
    assert inspect_folder(make_folder(tmp_path / "copy")).content_hash == before

    change_json(folder / "tokenizer_config.json", chat_template="other")
    with_other_template = inspect_folder(folder).content_hash
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\1\2\3\4")

    assert len({before, with_other_template, inspect_folder(folder).content_hash}) == 3


def test_no_weights_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(tmp_path / "model")
    length = int.from_bytes((folder / "model.safetensors").read_bytes()[:8], "little")
    closed_at: dict[str, int] = {}
    monkeypatch.setattr(shards, "read_header", lambda file, name: noting(file, name, closed_at))

    inspect_folder(folder)

    assert closed_at == {"model.safetensors": 8 + length}


def noting(file: BinaryIO, name: str, positions: dict[str, int]) -> dict[str, TensorHeader]:
    """The header, and the position in the file after reading it."""
    found = headers.read_header(file, name)
    positions[name] = file.tell()
    return found


def test_a_header_is_read_up_to_its_bound_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(tmp_path / "model")
    monkeypatch.setattr(headers, "MAX_HEADER_BYTES", 100)

    with pytest.raises(FolderError, match="at most 100 are read"):
        inspect_folder(folder)
