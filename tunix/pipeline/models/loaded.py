"""The weights of added base models that this worker has loaded, kept for its next runs while they fit into memory."""

from __future__ import annotations

import gc
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.forward import Model
from tunix.pipeline.models.memory import base_model_memory
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model

Key = tuple[str, str]
"""Content hash, and type of the numbers."""


@dataclass(frozen=True)
class LoadedBase:
    """A model's description and its weights."""

    pretrained: PretrainedModel
    graph: nnx.GraphDef
    weights: nnx.State

    def model(self) -> Model:
        """A model object of its own that shares the arrays of the weights.

        Adapters may be added to it. A step that donates its arrays needs copies of them, because they are shared.
        """
        return nnx.merge(self.graph, self.weights, copy=True)

    @property
    def bytes(self) -> int:
        """The memory that the weights take."""
        return sum(leaf.nbytes for leaf in jax.tree.leaves(self.weights))


class LoadedBases:
    """Keeps the bases that were used last, as long as all that are in memory take at most `limit` bytes together.

    A base that is no longer kept is in memory while any model uses its arrays, and counts as long.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.loads: Counter[Key] = Counter()
        """How often each base was read from disk."""
        self.release: Callable[[], bool] = lambda: False
        """Called for more room: lets go of models that no run needs now, or returns False if there are none."""
        self._kept: OrderedDict[Key, LoadedBase] = OrderedDict()
        self._arrays: list[weakref.ref[jax.Array]] = []

    @property
    def bytes(self) -> int:
        """The memory that the weights take which are kept, or which a model uses."""
        self._arrays = [array for array in self._arrays if array() is not None]
        return sum(found.nbytes for array in self._arrays if (found := array()) is not None)

    def get(self, info: BaseModelInfo, dtype: Any, *, keep: bool = True) -> LoadedBase:
        """The base, loaded if it is not kept. Raises BaseModelError.

        Older bases are dropped before the new one is loaded; their memory is free once no model uses them. A base for
        which there is no room is loaded, but not kept.
        """
        key = (info.content_hash, jnp.dtype(dtype).name)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        pretrained = inspected(info)
        needed = pretrained.parameters * jnp.dtype(dtype).itemsize
        self._make_room(needed)
        self.loads[key] += 1
        base = LoadedBase(pretrained, *nnx.split(load_model(pretrained, dtype)))
        self._arrays += map(weakref.ref, jax.tree.leaves(base.weights))
        if keep and self.bytes <= self.limit:
            self._kept[key] = base
        return base

    def clear(self) -> None:
        """Drops all bases."""
        self._kept.clear()
        gc.collect()  # models refer to themselves

    def _make_room(self, needed: int) -> None:
        if self.bytes + needed > self.limit:
            gc.collect()
        while self._kept and self.bytes + needed > self.limit:
            self._kept.popitem(last=False)
        while self.bytes + needed > self.limit and self.release():
            gc.collect()


def base_weights(info: BaseModelInfo, dtype: Any = jnp.float32, *, keep: bool = True) -> LoadedBase:
    """The weights of an added model as `dtype`, loaded once per worker while they fit into BASE_MODEL_MEMORY_BYTES.

    Raises BaseModelError.
    """
    return loaded_bases.get(info, dtype, keep=keep)


def inspected(info: BaseModelInfo) -> PretrainedModel:
    if info.folder is None:
        raise BaseModelError(f"Base model '{info.base_model_id}' has no files.")
    try:
        return inspect_folder(info.folder)
    except (FolderError, OSError) as error:
        raise BaseModelError(f"Base model '{info.base_model_id}' cannot be loaded: {error}") from error


loaded_bases = LoadedBases(base_model_memory())
