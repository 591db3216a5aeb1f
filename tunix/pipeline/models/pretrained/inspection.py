"""Reads and checks a folder by its headers: what the model is, or everything that is wrong with the folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tunix.pipeline.models.pretrained.configuration import ModelConfiguration, read_configuration
from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.headers import TensorHeader
from tunix.pipeline.models.pretrained.keys import CONFIG, Keys
from tunix.pipeline.models.pretrained.licenses import read_license
from tunix.pipeline.models.pretrained.shards import INDEX, SINGLE, read_shards
from tunix.pipeline.models.pretrained.tokenizer_files import (
    TEMPLATE,
    TOKENIZER,
    TOKENIZER_CONFIG,
    ChatTemplate,
    TokenizerDescription,
    read_chat_template,
    read_tokenizer,
)
from tunix.pipeline.models.pretrained.weights import checked_weights, dtype_of
from tunix.pipeline.models.recorded_files import content_hash_of, hash_of
from tunix.validation.errors import Faults, InvalidInput

GENERATION = "generation_config.json"

DECIDING = (CONFIG, GENERATION, TOKENIZER, TOKENIZER_CONFIG, TEMPLATE, "special_tokens_map.json", INDEX)
"""The files beside the weights that decide what the model reads and writes."""


class FolderError(InvalidInput):
    """A folder with faults: `errors` maps the name of each file to its messages."""

    title = "The folder cannot be used as a model"

    def in_folder(self, folder: Path) -> str:
        """The number of faults, as a sentence."""
        count = sum(map(len, self.errors.values()))
        return f"{folder} cannot be used: {count} fault{'s' * (count != 1)}."


@dataclass(frozen=True)
class PretrainedModel:
    """A folder without faults. `tensors` says where each tensor of the language model is, by its usual name."""

    folder: Path
    configuration: ModelConfiguration
    tensors: Mapping[str, TensorHeader]
    weight_files: tuple[str, ...]
    tokenizer: TokenizerDescription
    chat_template: ChatTemplate | None
    license: str
    end_token_ids: tuple[int, ...]
    warnings: tuple[str, ...]

    @property
    def parameters(self) -> int:
        """The number of parameters; a tied embedding counts once."""
        return sum(tensor.size for tensor in self.tensors.values())

    @property
    def dtype(self) -> str:
        """The type in which most parameters are stored."""
        return dtype_of(self.tensors.values())

    @property
    def bytes_of_weights(self) -> int:
        """The size of the tensors in the files."""
        return sum(tensor.end - tensor.start for tensor in self.tensors.values())

    @property
    def hashed_files(self) -> tuple[str, ...]:
        """The names of all files that decide what the model does."""
        read = DECIDING[:-1] if SINGLE in self.weight_files else DECIDING  # an index beside a single file is not read
        return (*(name for name in read if (self.folder / name).exists()), *self.weight_files)

    @cached_property
    def content_hash(self) -> str:
        """The sha256 of everything that decides what the model does. Reads all weights once. Raises OSError.

        It covers the sorted lines `<file>:<sha256 of the file>`, as that of a promoted model.
        """
        return content_hash_of({name: hash_of(self.folder, name) for name in self.hashed_files})


def appeared_files(folder: Path, names: Collection[str]) -> list[str]:
    """Files beside those with these names that would change what the model does.

    An index does so only without a single file of weights.
    """
    read = DECIDING[:-1] if SINGLE in names else DECIDING
    return [name for name in read if name not in names and (folder / name).exists()]


def inspect_folder(path: Path) -> PretrainedModel:
    """The model in a folder. Reads no weights. Raises FolderError with every fault, and OSError.

    The tensors are compared with config.json only if config.json is right.
    """
    if not path.is_dir():
        raise FolderError({str(path): ["There is no such folder. Name a folder with config.json and the weights."]})
    faults = Faults()
    folder = ModelFolder(path, faults)
    configuration = _configuration(folder)
    shards = read_shards(folder)
    tensors = checked_weights(folder, shards, configuration) if configuration else {}
    tokenizer = _tokenizer(folder, configuration)
    template, stated = read_chat_template(folder), read_license(folder)
    ends = Keys(folder.json(GENERATION) or {}, faults, GENERATION).token_ids("eos_token_id")
    if faults or configuration is None or tokenizer is None:
        raise FolderError(faults.messages)
    ends = ends or configuration.end_token_ids
    return PretrainedModel(
        folder=path,
        configuration=configuration,
        tensors=tensors,
        weight_files=tuple(shards.files),
        tokenizer=tokenizer,
        chat_template=template,
        license=stated,
        end_token_ids=ends,
        warnings=tuple(_warnings(template, stated, ends)),
    )


def _configuration(folder: ModelFolder) -> ModelConfiguration | None:
    data = folder.json(CONFIG)
    if data is None and CONFIG not in folder.names:
        folder.faults.add(CONFIG, "The file is missing. Name a folder in the layout of Hugging Face, or copy the file.")
    configuration = read_configuration(data, folder.faults) if data is not None else None
    return None if CONFIG in folder.faults.messages else configuration


def _tokenizer(folder: ModelFolder, configuration: ModelConfiguration | None) -> TokenizerDescription | None:
    tokenizer = read_tokenizer(folder)
    if tokenizer and configuration and tokenizer.highest_id >= configuration.vocabulary:
        folder.faults.add(
            TOKENIZER,
            f"The tokenizer has the id {tokenizer.highest_id}, but the model reads ids below vocab_size = "
            f"{configuration.vocabulary}. Copy the tokenizer and {CONFIG} of one release.",
        )
    return tokenizer


def _warnings(template: ChatTemplate | None, stated: str, ends: tuple[int, ...]) -> list[str]:
    found = []
    if template is None:
        found.append(
            "The folder has no chat template. The model can be trained on prompts and completions; for chat, add "
            f"{TEMPLATE}, or use the instruction-tuned release."
        )
    if not ends:
        found.append(f"No end of text is stated: add eos_token_id to {GENERATION}, or answers will not end.")
    if not stated:
        found.append("No license is stated. Look it up where the model was published before you use it.")
    return found
