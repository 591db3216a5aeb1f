"""Exports the model of a run that started from a folder: merged, as adapters, or both. Loads no JAX."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.models.adapters.files import StoredAdapters, read_adapters
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.export.model_folder import export_full, export_merged
from tunix.pipeline.models.export.peft import export_adapter
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.shards import SINGLE
from tunix.pipeline.models.pretrained.tensors import MappedTensors, tensors_in
from tunix.pipeline.run_checkpoint import damaged, run_checkpoint
from tunix.pipeline.spec import ADAPTED, PromptSpec, RunSpec

MERGED, ADAPTER = "merged", "adapter"
"""The folders of an export."""


@contextmanager
def _as_export_error() -> Iterator[None]:
    """Whatever keeps a model from being exported is one kind of error for those who ask for it."""
    try:
        yield
    except FolderError as error:
        raise ExportError(f"The base of the run cannot be used: {error}") from error
    except (EvaluationUnavailable, BaseModelError) as error:
        raise ExportError(str(error)) from error


@dataclass(frozen=True)
class TrainedModel:
    """A run's base, and what was trained: adapters, or all weights.

    `prompt` is how it was prompted, with the format that `auto` stood for. `end_ids` are the tokens that end an answer.
    """

    base_model_id: str
    base: PretrainedModel
    trained: StoredAdapters | MappedTensors
    prompt: PromptSpec
    end_ids: tuple[int, ...]

    def described_prompt(self) -> dict[str, Any]:
        """How to prompt it, and what ends an answer, for people who use the model elsewhere."""
        stated = self.prompt.model_dump(include={"format", "template", "system", "examples"})
        return {**stated, "end_token_ids": list(self.end_ids)}

    @_as_export_error()
    def export_merged(self, target: Path, *, card: str = "", float32: bool = False) -> PretrainedModel:
        """Writes an ordinary folder in the layout of Hugging Face. Raises ExportError and OSError."""
        how: dict[str, Any] = {"base": self.base_model_id, "card": card, "end_ids": self.end_ids, "float32": float32}
        if isinstance(self.trained, StoredAdapters):
            return export_merged(self.base, self.trained, target, **how)
        return export_full(self.base, self.trained, target, **how)

    @_as_export_error()
    def export_adapter(self, target: Path, *, card: str = "") -> None:
        """Writes a folder of PEFT, which names the base's folder. Raises ExportError and OSError."""
        if not isinstance(self.trained, StoredAdapters):
            raise ExportError("All weights of this run were trained, so it has no adapter. Export the merged model.")
        export_adapter(self.base, self.trained, target, base=str(self.base.folder), card=card)


@_as_export_error()
def trained_model(spec: RunSpec, artifacts_dir: Path) -> TrainedModel:
    """What the checkpoint of a run and its base consist of, without reading the weights of the base.

    Raises ExportError if the run trained nothing, the model has no such layout, its checkpoint is gone or damaged, or
    its base is not the one of the run.
    """
    if spec.method == "untuned":
        raise ExportError("The run scored its base model as it is: nothing was trained. Export a run that trained.")
    checkpoint = run_checkpoint(spec, artifacts_dir)
    if checkpoint.base is None or checkpoint.base.folder is None:
        raise ExportError(
            f"The base model {spec.base_model_id} is not a folder in the layout of Hugging Face, so other tools cannot "
            "load it. Train from a model that was added from a folder."
        )
    base = inspect_folder(checkpoint.base.folder)
    tokenizer = FolderTokenizer(base, spec.prompt)
    prompt = spec.prompt.model_copy(update={"format": "chat" if tokenizer.is_chat else "text"})
    trained = _trained(spec, checkpoint.folder)
    return TrainedModel(spec.base_model_id, base, trained, prompt, tokenizer.end_ids)


def _trained(spec: RunSpec, folder: Path) -> StoredAdapters | MappedTensors:
    try:
        return read_adapters(folder) if spec.method in ADAPTED else tensors_in(folder, SINGLE)
    except (OSError, ValueError, BaseModelError) as error:
        raise damaged(spec, error) from error
