"""Compares the tensors of a folder with those that its config.json asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tunix.pipeline.models.pretrained.configuration import ModelConfiguration
from tunix.pipeline.models.pretrained.families import OUTPUT, tensors_of
from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.headers import TensorHeader, listed, quoted
from tunix.pipeline.models.pretrained.keys import CONFIG
from tunix.pipeline.models.pretrained.shards import Shards

DTYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
"""The types that can be loaded."""

WEIGHTS = "weights"
"""The path of faults that concern all files with weights together."""

_SHOWN = 3

# A model that also sees images keeps its language model under one of these, depending on the version that saved it.
_LANGUAGE_MODEL = re.compile(r"^(?:language_model\.model\.|model\.language_model\.)")
_IMAGES = re.compile(r"^(?:model\.)?(?:vision_tower|multi_modal_projector)\.")
# Computed from config.json; releases of 2023 stored it.
_COMPUTED = re.compile(r"\.rotary_emb\.inv_freq$")


def checked_weights(folder: ModelFolder, shards: Shards, configuration: ModelConfiguration) -> dict[str, TensorHeader]:
    """The tensors of the language model by their usual names, such as `model.layers.0.mlp.up_proj.weight`.

    Notes as faults what is missing, unknown, or has a shape or type that does not fit.
    """
    found = _renamed(folder, shards.tensors, configuration.family.name)
    expected = tensors_of(configuration.family, layers=configuration.layers, tied=configuration.tied)
    if found:
        _check_output(folder, found, shards, configuration)
    missing = expected.keys() - found.keys() - {OUTPUT}
    if missing and shards.complete:
        _add(folder, f"Tensors are missing: {listed(missing)}. Copy the weights and {CONFIG} of one release.")
    unknown = found.keys() - expected.keys() - {OUTPUT}
    if unknown:
        _add(
            folder,
            f"{configuration.family.title} with {configuration.layers} layers has no such tensors: {listed(unknown)}. "
            f"Copy the weights and {CONFIG} of one release.",
        )
    _check_shapes(folder, found, expected, configuration)
    _check_dtypes(folder, found)
    return {name: tensor for name, tensor in found.items() if name in expected}


def _add(folder: ModelFolder, message: str) -> None:
    folder.faults.add(WEIGHTS, message)


def _renamed(folder: ModelFolder, tensors: Mapping[str, TensorHeader], family: str) -> dict[str, TensorHeader]:
    found: dict[str, TensorHeader] = {}
    for name, tensor in tensors.items():
        if _COMPUTED.search(name) or (family == "gemma3" and _IMAGES.match(name)):
            continue
        usual = name
        if family == "gemma3":
            usual = _LANGUAGE_MODEL.sub("model.", name).removeprefix("language_model.")
        if usual in found:
            _add(folder, f"{quoted(usual)} is there under two names. Remove one of them.")
        found[usual] = tensor
    return found


def _check_output(
    folder: ModelFolder, found: Mapping[str, TensorHeader], shards: Shards, configuration: ModelConfiguration
) -> None:
    if configuration.tied and OUTPUT in found:
        _add(
            folder,
            f"{CONFIG} ties the output to the embedding (tie_word_embeddings), but {found[OUTPUT].file} has "
            f"{OUTPUT!r} as well. If both are equal, remove it; else set tie_word_embeddings to false.",
        )
    if not configuration.tied and OUTPUT not in found and shards.complete:
        _add(
            folder,
            f"{OUTPUT!r} is missing, and {CONFIG} does not tie the output to the embedding. If the model is tied, set "
            "tie_word_embeddings to true; else copy the file that has it.",
        )


def _check_shapes(
    folder: ModelFolder,
    found: Mapping[str, TensorHeader],
    expected: Mapping[str, tuple[str, ...]],
    configuration: ModelConfiguration,
) -> None:
    wrong = []
    for name, dimensions in expected.items():
        wanted = tuple(configuration.size(dimension) for dimension in dimensions)
        if name in found and found[name].shape != wanted:
            wrong.append(
                f"{found[name].file}: {quoted(name)} has the shape {list(found[name].shape)}, but {CONFIG} asks for "
                f"{list(wanted)} ({', '.join(dimensions)})."
            )
    _add_first(folder, wrong, "shapes", f"Copy the weights and {CONFIG} of one release.")


def _check_dtypes(folder: ModelFolder, found: Mapping[str, TensorHeader]) -> None:
    wrong = [
        f"{tensor.file}: {quoted(name)} is stored as {quoted(tensor.dtype)}; only {', '.join(DTYPES)} can be loaded."
        for name, tensor in sorted(found.items())
        if tensor.dtype not in DTYPES
    ]
    _add_first(folder, wrong, "types", "Use the release that is not quantized.")


def _add_first(folder: ModelFolder, messages: list[str], what: str, cure: str) -> None:
    for message in messages[:_SHOWN]:
        _add(folder, f"{message} {cure}")
    if len(messages) > _SHOWN:
        _add(folder, f"{len(messages) - _SHOWN} more tensors have wrong {what}.")


def dtype_of(tensors: Iterable[TensorHeader]) -> str:
    """The type in which most parameters are stored, such as `bfloat16`."""
    sizes: dict[str, int] = {}
    for tensor in tensors:
        sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.size
    return DTYPES[max(sizes, key=lambda dtype: sizes[dtype])]
