"""What a folder has besides its weights: config.json, tokenizer, chat template, license, and a README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunix.pipeline.files import write_text
from tunix.pipeline.models.export.placing import copy_file
from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.inspection import GENERATION, PretrainedModel
from tunix.pipeline.models.pretrained.keys import CONFIG
from tunix.pipeline.models.pretrained.licenses import CARD, license_fields, license_files
from tunix.pipeline.models.pretrained.tokenizer_files import TEMPLATE, TOKENIZER, TOKENIZER_CONFIG
from tunix.validation.errors import Faults

_COPIED = (
    GENERATION,
    TOKENIZER,
    TOKENIZER_CONFIG,
    TEMPLATE,
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.model",
    "vocab.json",
    "merges.txt",
)
_OF_TEXT = {"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"]}
_KEPT_OF_WHOLE = ("bos_token_id", "eos_token_id", "pad_token_id", "dtype", "torch_dtype", "transformers_version")
_OF_GENERATION = ("bos_token_id", "pad_token_id")
"""What tools take from config.json if there is no generation_config.json."""
_PLAIN = re.compile(r"[A-Za-z0-9][\w.-]*")


def opened(pretrained: PretrainedModel) -> ModelFolder:
    """The base's folder, to read its small files again. They were without faults when it was checked."""
    return ModelFolder(pretrained.folder, Faults())


def copy_tokenizer_and_license(pretrained: PretrainedModel, target: Path) -> None:
    """Copies the tokenizer's files, chat template, generation_config.json and license files of the base."""
    folder = opened(pretrained)
    for name in (*_COPIED, *license_files(folder)):
        if name in folder.names and not (target / name).exists():
            copy_file(pretrained.folder / name, target / name)


def write_generation_config(pretrained: PretrainedModel, target: Path, end_ids: Sequence[int]) -> None:
    """Writes the base's generation_config.json with these ends of an answer; makes it where the base has none.

    Tools that serve a folder stop only at the ends that it states. A base model often states its end of text alone, but
    was trained to end a turn.
    """
    folder = opened(pretrained)
    config = folder.json(CONFIG) or {}
    stated = folder.json(GENERATION) or {key: config[key] for key in _OF_GENERATION if config.get(key) is not None}
    write_text(target / GENERATION, json.dumps({**stated, "eos_token_id": list(end_ids)}, indent=2) + "\n")


def copy_license(pretrained: PretrainedModel, target: Path) -> None:
    """Copies the license files of the base, which bind an adapter too."""
    for name in license_files(opened(pretrained)):
        copy_file(pretrained.folder / name, target / name)


def write_config(pretrained: PretrainedModel, target: Path, dtype: str) -> None:
    """Writes the base's config.json with this type of weights; of a model that sees images, that of its text model."""
    config = opened(pretrained).json(CONFIG) or {}
    if pretrained.configuration.sees_images:
        config = _of_text(config)
    if "dtype" not in config and "torch_dtype" not in config:
        config["dtype" if "rope_parameters" in config else "torch_dtype"] = dtype
    config |= {key: dtype for key in ("dtype", "torch_dtype") if key in config}
    write_text(target / CONFIG, json.dumps(config, indent=2) + "\n")


def _of_text(config: dict[str, Any]) -> dict[str, Any]:
    kept = {key: config[key] for key in _KEPT_OF_WHOLE if key in config}
    return {**kept, **config.get("text_config", {}), **_OF_TEXT}


def write_readme(pretrained: PretrainedModel, target: Path, *, base: str, library: str, card: str) -> None:
    """Writes README.md: a header with the base's license, as hubs and `inspect_folder` read it, then the card."""
    fields = license_fields(opened(pretrained)) | {"base_model": base, "library_name": library}
    lines = [f"{key}: {_yaml(value)}" for key, value in fields.items()]
    write_text(target / CARD, "\n".join(["---", *lines, "---", "", card.rstrip(), ""]))


def replace_card(folder: Path, card: str) -> None:
    """Replaces the text of an exported folder's README.md, and keeps its header."""
    text = (folder / CARD).read_text(encoding="utf-8")
    header, end, _ = text.partition("\n---\n")
    write_text(folder / CARD, f"{header}{end}\n{card.rstrip()}\n")


def _yaml(text: str) -> str:
    """A text as a YAML scalar; a JSON string is one."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
