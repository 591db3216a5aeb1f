"""A base model as a warm worker holds it: what a run starts from, and how its checkpoint is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.models.adapters.structure import Quantization, Targets
from tunix.pipeline.spec import ADAPTED, Method, RunSpec


@dataclass(frozen=True)
class Structure:
    """What of a model is fixed when its programs are compiled. Runs with the same structure share a model object.

    `max_rank`, `targets` and `drops` are those of adapters. A run's own rank and dropout are values that the programs
    read; without `drops` there is no dropout. The base is quantized if `quantization` is not empty.
    """

    method: Method = "full"
    max_rank: int = 0
    targets: Targets = "all"
    drops: bool = False
    dtype: str = "float32"
    quantization: Quantization | Literal[""] = ""

    @property
    def is_adapted(self) -> bool:
        return self.method in ADAPTED


def structure_of(spec: RunSpec, hyperparameters: Mapping[str, Any]) -> Structure:
    """The structure of a run with these resolved hyperparameters."""
    if spec.method == "untuned":
        return Structure(spec.method, dtype=spec.untuned_dtype, quantization=spec.untuned_quantization)
    if spec.method not in ADAPTED:
        return Structure(spec.method)
    rank = max(spec.lora_max_rank, hyperparameters["lora_rank"])
    drops = spec.lora_drops or hyperparameters["lora_dropout"] > 0
    dtype, quantization = hyperparameters["base_dtype"], hyperparameters.get("base_quantization", "")
    return Structure(spec.method, rank, hyperparameters["lora_targets"], drops, dtype, quantization)


class Base(Protocol):
    """A base model. Programs are compiled for the object that `build` returns, and `start` resets it for each run."""

    @property
    def tokenizer(self) -> RowTokenizer:
        """The tokenizer that belongs to the weights."""

    def build(self, structure: Structure) -> Any:
        """A model object of this structure. Raises BaseModelError if the weights do not fit."""

    def start(self, model: Any, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        """Sets the weights of a run that begins. The state of the run before is gone."""

    def save(self, folder: Path, model: Any, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        """Writes the checkpoint of a run; `model.json` comes last, so a checkpoint that has it is complete."""
