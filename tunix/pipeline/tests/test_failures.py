from __future__ import annotations

import errno

import jax
import pytest

from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.engine.training import Diverged
from tunix.pipeline.failures import JudgeFailed, message_of, reason_for
from tunix.pipeline.hyperparameters import InvalidHyperparameters
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelError, UnknownBaseModel, base_model, verified


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Diverged(3), "diverged"),
        (MemoryError(), "out_of_memory"),
        (jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory"), "out_of_memory"),
        (jax.errors.JaxRuntimeError("INTERNAL: something"), "error"),
        (OSError(errno.ENOSPC, "No space left on device"), "no_space"),
        (OSError(errno.EACCES, "Permission denied"), "error"),
        (JudgeFailed("no"), "judge_error"),
        (DatasetError("gone"), "user_error"),
        (UnknownBaseModel("what"), "user_error"),
        (BaseModelError("damaged"), "user_error"),
        (InvalidHyperparameters({"a": ["b"]}), "user_error"),
        (RuntimeError("RESOURCE_EXHAUSTED"), "error"),
    ],
)
def test_reason(error: Exception, reason: str) -> None:
    assert reason_for(error) == reason


def test_message_of_the_unforeseen_is_the_last_line_of_its_traceback() -> None:
    assert message_of(KeyError("x")) == "KeyError: 'x'"


def test_message_of_the_foreseen_is_its_text() -> None:
    assert message_of(Diverged(3)) == "The loss was no longer finite at step 3."


def test_unknown_base_model_names_the_nearest() -> None:
    with pytest.raises(UnknownBaseModel, match="Did you mean 'tiny-gemma3'"):
        base_model("tiny-gema3")


def test_a_base_model_is_the_one_that_was_asked_for() -> None:
    info = base_model("tiny-gemma3")
    assert verified(info, info.content_hash) == verified(info, "") == info
    with pytest.raises(BaseModelError, match="does not have the hash 000000000000"):
        verified(info, "0" * 64)


def test_hashes_tell_base_models_apart() -> None:
    assert len({info.content_hash for info in BASE_MODELS.values()}) == len(BASE_MODELS)
