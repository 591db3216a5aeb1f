"""Adapters are stored alone, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.adapters.files import ADAPTERS, StoredAdapters, read_adapters, save_adapters

ARRAYS = {"layers.0.attn.q_proj.lora_a": np.eye(3, 2, dtype=np.float32)}


def test_adapters_come_back_as_they_were(tmp_path: Path) -> None:
    save_adapters(tmp_path, StoredAdapters(ARRAYS, rank=2, scale=0.1, targets="attention"))

    found = read_adapters(tmp_path)

    assert (found.rank, found.scale, found.targets) == (2, 0.1, "attention")
    assert list(found.arrays) == list(ARRAYS)
    np.testing.assert_array_equal(found.arrays["layers.0.attn.q_proj.lora_a"], np.eye(3, 2))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a file of adapters",
        safetensors.numpy.save(ARRAYS),
        safetensors.numpy.save(ARRAYS, {"adapters": '{"rank": "two", "scale": 1, "targets": "all"}'}),
        safetensors.numpy.save(ARRAYS, {"adapters": '{"rank": 2, "scale": 1, "targets": "some"}'}),
    ],
    ids=["empty", "text", "no metadata", "no number", "unknown targets"],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ADAPTERS).write_bytes(content)

    with pytest.raises(ValueError, match=r"adapters\.safetensors"):
        read_adapters(tmp_path)
