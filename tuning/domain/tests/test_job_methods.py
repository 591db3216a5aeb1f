"""Which hyperparameters a job of each method may have."""

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.space.checks import space_faults
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import make_request

RANK = {"lora_rank": {"type": "choice", "values": [4, 16]}}


def refused(**overrides):
    with pytest.raises(InvalidJob) as caught:
        JobDefinition.parse(make_request(**overrides))
    return caught.value.errors


def test_adapters_cannot_be_searched_in_a_full_tuning():
    assert refused(search_space_json=RANK) == {
        "search_space_json.lora_rank": ["Only the method lora or qlora has it; the method is full. Remove it."]
    }


def test_adapters_cannot_be_fixed_in_a_full_tuning():
    assert list(refused(fixed_params_json={"lora_scale": 4})) == ["fixed_params_json.lora_scale"]


def test_quantization_is_for_qlora_alone():
    assert list(refused(method="lora", fixed_params_json={"base_quantization": "int8"})) == [
        "fixed_params_json.base_quantization"
    ]


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_adapters_are_searched_and_fixed_with_their_methods(method):
    request = make_request(method=method, search_space_json=RANK, fixed_params_json={"lora_dropout": 0.1})
    assert JobDefinition.parse(request).method == method


def test_the_method_of_the_base_model_decides_where_none_is_given():
    assert JobDefinition.parse(make_request(search_space_json=RANK), default_method="lora").method == "lora"


def test_configurations_of_a_lora_job_can_be_enqueued():
    request = make_request(method="lora", search_space_json=RANK, given_params_json=[{"lora_rank": 4}])
    assert JobDefinition.parse(request).given == [{"lora_rank": 4}]


def test_without_a_method_a_space_may_have_every_hyperparameter():
    assert space_faults(SearchSpace.parse(RANK), None) == {}
