"""Finds the files with a model's weights and reads their headers."""

from __future__ import annotations

from dataclasses import dataclass, field

from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.headers import InvalidHeader, TensorHeader, listed, quoted, read_header

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"

_NO_WEIGHTS = f"The folder has neither {SINGLE} nor {INDEX}. "


@dataclass
class Shards:
    """The tensors of all files by name. `complete` is false if a file could not be read: then some may be missing."""

    tensors: dict[str, TensorHeader] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    complete: bool = True


def read_shards(folder: ModelFolder) -> Shards:
    """Reads `model.safetensors`, or else the files that the index names. Notes what is wrong as faults."""
    if SINGLE in folder.names:
        shards = Shards(files=[SINGLE])
        _read(folder, SINGLE, shards)
        return shards
    if INDEX in folder.names:
        return _indexed(folder)
    folder.faults.add(SINGLE, _NO_WEIGHTS + _cure(folder.names))
    return Shards(complete=False)


def _cure(names: list[str]) -> str:
    if "adapter_model.safetensors" in names:
        return "It holds an adapter. Merge the adapter into its base model, and use the merged folder."
    if any(name.startswith("model-") and name.endswith(".safetensors") for name in names):
        return f"It holds parts of a model; copy {INDEX} beside them."
    if any(name.endswith((".bin", ".pt", ".pth")) for name in names):
        return "It holds weights as pickle files. Save the model with `save_pretrained(..., safe_serialization=True)`."
    if any(name.endswith(".gguf") for name in names):
        return "It holds a GGUF file. Use the original release in safetensors."
    return "Copy the weights into it."


def _read(folder: ModelFolder, name: str, shards: Shards) -> dict[str, TensorHeader]:
    file = folder.open(name)
    if file is None:
        shards.complete = False
        return {}
    with file:
        try:
            found = read_header(file, name)
        except InvalidHeader as error:
            folder.faults.add(name, str(error))
            shards.complete = False
            return {}
    twice = found.keys() & shards.tensors.keys()
    if twice:
        folder.faults.add(name, f"{listed(twice)} is in another file too. Remove the file that does not belong here.")
    shards.tensors |= found
    return found


def _indexed(folder: ModelFolder) -> Shards:
    shards = Shards()
    index = folder.json(INDEX)
    places = index.get("weight_map") if index else None
    if not isinstance(places, dict) or not places or not all(isinstance(file, str) for file in places.values()):
        if index is not None:
            folder.faults.add(INDEX, "The key weight_map must map tensors to files. Copy the original again.")
        shards.complete = False
        return shards
    shards.files = sorted(set(places.values()))
    absent = [name for name in shards.files if name not in folder.names]
    if absent:
        folder.faults.add(INDEX, f"The index names files that are not in the folder: {listed(absent)}. Copy them.")
        shards.complete = False
    for name in shards.files:
        if name not in absent:
            _compare(folder, name, _read(folder, name, shards), {key for key, file in places.items() if file == name})
    return shards


def _compare(folder: ModelFolder, name: str, found: dict[str, TensorHeader], indexed: set[str]) -> None:
    """Notes where a file and the index differ; a file without tensors has been noted before."""
    if not found:
        return
    for keys, problem in (
        (indexed - found.keys(), f"The index names tensors that {quoted(name)} does not have"),
        (found.keys() - indexed, f"{quoted(name)} has tensors that the index does not name there"),
    ):
        if keys:
            folder.faults.add(INDEX, f"{problem}: {listed(keys)}. Copy the index and the files of one release.")
