"""What a base model decides about method and prompt."""

import pytest

from tunix.pipeline.spec import PromptSpec
from tunix.runs.methods import default_method, unsuitable
from tunix.runs.models import BaseModel

FURTHER = {"ancestors": [{"base_model_id": "promoted/sums@1"}, {"base_model_id": "tiny-gemma3"}]}
BUILT_IN = BaseModel(base_model_id="tiny-gemma3", source="built_in")
PROMOTED = BaseModel(base_model_id="promoted/sums@2", source="promoted", lineage_json=FURTHER)
ADDED = BaseModel(base_model_id="some-llama", source="added", chat_template="{{ messages }}")
WITHOUT_TEMPLATE = BaseModel(base_model_id="some-llama", source="added")
PROMOTED_FROM_ADDED = BaseModel(
    base_model_id="promoted/intents@1",
    source="promoted",
    lineage_json={"ancestors": [{"base_model_id": "some-llama"}]},
)


@pytest.mark.parametrize("model", [BUILT_IN, PROMOTED])
def test_a_built_in_model_and_those_promoted_from_it_are_trained_in_full(model):
    assert default_method(model) == "full"


@pytest.mark.parametrize("model", [ADDED, PROMOTED_FROM_ADDED])
def test_a_model_from_a_folder_and_those_promoted_from_it_get_adapters(model):
    assert default_method(model) == "lora"


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_adapters_on_a_built_in_model_are_refused_with_a_cure(method):
    assert unsuitable(BUILT_IN, method, PromptSpec())["method"] == [
        "tiny-gemma3 is a built-in model, which is trained in full. Set method to full, or add a model from a folder."
    ]


@pytest.mark.parametrize("member", [{"format": "chat"}, {"template": "Q: {prompt}"}, {"system": "x"}, {"examples": 1}])
def test_a_built_in_model_reads_prompts_as_they_are(member):
    assert list(unsuitable(BUILT_IN, "full", PromptSpec(**member))) == [f"prompt_json.{next(iter(member))}"]


@pytest.mark.parametrize("model", [BUILT_IN, WITHOUT_TEMPLATE, PROMOTED_FROM_ADDED])
def test_a_chat_without_a_chat_template_is_refused(model):
    assert unsuitable(model, default_method(model), PromptSpec(format="chat"))["prompt_json.format"] == [
        f"{model.base_model_id} has no chat template. Set format to text or auto."
    ]


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
def test_a_model_from_a_folder_takes_every_method_and_prompt(method):
    assert unsuitable(ADDED, method, PromptSpec(format="chat", system="Be brief.", examples=3)) == {}
