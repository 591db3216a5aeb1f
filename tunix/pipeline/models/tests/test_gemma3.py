from __future__ import annotations

import numpy as np
import pytest

from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import BASE_MODELS

TINY = BASE_MODELS["tiny-gemma3"]


@pytest.mark.parametrize(("base_model_id", "vocab_size"), [("tiny-gemma3", 100), ("small-gemma3", 2900)])
def test_models_have_about_the_parameters_they_say(base_model_id: str, vocab_size: int) -> None:
    info = BASE_MODELS[base_model_id]
    count = sum(values.size for values in gemma3.initial_weights(info, vocab_size).values())
    assert count == pytest.approx(info.parameters, rel=0.1)


def test_weights_are_a_function_of_the_model_alone() -> None:
    first, second = (gemma3.initial_weights(TINY, 50) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_vocabulary_changes_the_embedding_only() -> None:
    small, large = gemma3.initial_weights(TINY, 50), gemma3.initial_weights(TINY, 60)
    changed = {name for name in small if not np.array_equal(small[name], large[name])}
    assert changed == {"embedder.input_embedding"}


def test_no_matrix_starts_at_zero() -> None:
    weights = gemma3.initial_weights(TINY, 50)
    assert all(values.std() > 0 for name, values in weights.items() if not name.endswith("scale"))


def test_weights_go_in_and_come_out() -> None:
    weights = gemma3.initial_weights(TINY, 50)
    out = gemma3.weights_of(gemma3.build(TINY.sizes, 50, weights))
    assert all(np.array_equal(out[name], weights[name]) for name in weights)


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="has the shape"):
        gemma3.build(TINY.sizes, 51, gemma3.initial_weights(TINY, 50))
