"""Reading method, prompt and sampling of a request."""

import pytest

from tunix.pipeline.spec import EvaluationSpec, PromptSpec
from tunix.pipeline.spec_fields import read_evaluation, read_method, read_prompt
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields


def evaluation(**values):
    faults = Faults()
    return read_evaluation(Fields(values, faults, known=EvaluationSpec.model_fields)), faults.messages


def prompt(**values):
    faults = Faults()
    return read_prompt(values, faults), faults.messages


@pytest.mark.parametrize("asked", [None, "auto"])
def test_auto_is_the_method_of_the_base_model(asked):
    assert read_method(Fields({"method": asked}, Faults(), known=["method"]), "lora") == "lora"


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
def test_a_method_that_is_asked_for_is_taken(method):
    assert read_method(Fields({"method": method}, Faults(), known=["method"]), "full") == method


@pytest.mark.parametrize("method", ["untuned", "sft", "LoRA", 3])
def test_other_methods_are_refused(method):
    faults = Faults()
    read_method(Fields({"method": method}, faults, known=["method"]), "full")
    assert list(faults.messages) == ["method"]


def test_a_prompt_is_read():
    asked = {
        "format": "chat",
        "template": "Intent?\n{prompt}",
        "system": "Be brief.",
        "examples": 2,
        "too_long": "drop",
    }
    assert prompt(**asked) == (PromptSpec(**asked), {})


def test_an_absent_prompt_is_the_default():
    assert read_prompt(None, Faults()) == PromptSpec()


@pytest.mark.parametrize("template", ["", "Answer:", "{prompt} and {prompt}"])
def test_a_template_has_one_place_for_the_prompt(template):
    assert prompt(template=template)[1] == {
        "prompt_json.template": ["Must contain {prompt} exactly once: there the prompt of a row goes."]
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("format", "html"), ("system", 3), ("examples", 65), ("examples", -1), ("too_long", "pad"), ("shots", 2)],
)
def test_a_faulty_member_of_a_prompt_is_refused_by_path(field, value):
    read, faults = prompt(**{field: value})
    assert list(faults) == [f"prompt_json.{field}"]
    assert read == PromptSpec()


def test_a_prompt_is_an_object():
    faults = Faults()
    read_prompt("chat", faults)
    assert faults.messages == {"prompt_json": ["Must be an object."]}


def test_sampling_is_read():
    read, faults = evaluation(temperature=0.7, samples=4)
    assert (read.temperature, read.samples, faults) == (0.7, 4, {})


def test_sampling_at_its_default_is_left_out_of_the_stored_evaluation():
    assert not {"temperature", "samples"} & set(evaluation()[0].model_dump())


def test_several_samples_at_temperature_0_are_refused():
    _, faults = evaluation(samples=4)
    assert faults == {
        "samples": ["At temperature 0 all samples are the same. Set temperature above 0, or samples to 1."]
    }


@pytest.mark.parametrize("temperature", [-0.1, 5.1, float("nan"), "warm"])
def test_a_temperature_out_of_bounds_is_refused(temperature):
    assert list(evaluation(temperature=temperature)[1]) == ["temperature"]
