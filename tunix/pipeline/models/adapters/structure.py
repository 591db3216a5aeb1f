"""What the adapters of a model are: their structure, which is compiled, and the values of one run, which are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Targets = Literal["attention", "mlp", "all"]
Quantization = Literal["nf4", "int8"]

_ATTENTION = (
    *("q_proj", "k_proj", "v_proj", "o_proj"),  # Llama 3 and Qwen
    *("q_einsum", "kv_einsum", "qkv_einsum", "attn_vec_einsum"),  # Gemma 3
)
_MLP = ("gate_proj", "up_proj", "down_proj")

PROJECTIONS: Final[Mapping[str, tuple[str, ...]]] = {"attention": _ATTENTION, "mlp": _MLP, "all": _ATTENTION + _MLP}
"""The modules that are adapted, by the last part of their path, whatever the family."""


@dataclass(frozen=True)
class AdapterStructure:
    """What the programs with adapters depend on. Runs of any rank up to `max_rank` share them.

    With `drops` they share them whatever their dropout; without it there is none.
    """

    max_rank: int
    targets: Targets = "all"
    drops: bool = False


@dataclass(frozen=True)
class AdapterValues:
    """The adapters of one run. Another value of any of these compiles nothing.

    What an adapter adds is `scale` * B A x, with A of `rank` rows. In training each element of x is zero with the
    probability `dropout`. `seed` determines A, and which elements are zero.
    """

    rank: int
    scale: float = 2.0
    dropout: float = 0.0
    seed: int = 0

    @classmethod
    def of(cls, hyperparameters: Mapping[str, Any]) -> AdapterValues:
        """The values in the resolved hyperparameters of a method with adapters."""
        return cls(
            rank=int(hyperparameters["lora_rank"]),
            scale=float(hyperparameters["lora_scale"]),
            dropout=float(hyperparameters["lora_dropout"]),
            seed=int(hyperparameters["seed"]),
        )
