"""The rows of the built-in base models."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.pipeline.models.base_models import BASE_MODELS
from tunix.runs.models import BaseModel
from tunix.runs.services import base_model_hash, ensure_base_models, get_base_model

from .factories import make_run

pytestmark = pytest.mark.django_db


def test_migrating_makes_them() -> None:
    assert set(BaseModel.objects.values_list("base_model_id", flat=True)) == set(BASE_MODELS)


def test_making_them_again_changes_nothing() -> None:
    before = list(BaseModel.objects.values())
    ensure_base_models()
    assert list(BaseModel.objects.values()) == before


def test_row_follows_the_registry() -> None:
    BaseModel.objects.filter(base_model_id="tiny-gemma3").update(description="old")
    ensure_base_models()
    assert get_base_model("tiny-gemma3").description == BASE_MODELS["tiny-gemma3"].help


def test_row_has_the_hash_of_what_decides_the_weights() -> None:
    assert get_base_model("tiny-gemma3").content_hash == BASE_MODELS["tiny-gemma3"].content_hash


def test_hash_of_a_model_that_is_no_built_in_one_is_its_rows() -> None:
    BaseModel.objects.create(base_model_id="mine", family="gemma3", parameters=1, content_hash="a" * 64)
    assert (base_model_hash("mine"), base_model_hash("nobody's")) == ("a" * 64, "")


def test_a_spec_says_which_weights_are_meant() -> None:
    assert make_run().spec.base_model_hash == BASE_MODELS["tiny-gemma3"].content_hash


def test_unknown_id_names_the_nearest() -> None:
    with pytest.raises(InvalidInput) as caught:
        get_base_model("small-gemma")
    assert caught.value.errors == {"base_model_id": ["Unknown base model. Did you mean 'small-gemma3'?"]}
