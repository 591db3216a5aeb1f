"""Specs that older versions stored read as what they meant, and new settings change no old JSON."""

from __future__ import annotations

from tunix.pipeline.spec import DatasetRef, PromptSpec, RunSpec

OLD = {
    "version": 1,
    "run_id": "one",
    "method": "sft",
    "base_model_id": "tiny-gemma3",
    "dataset": {"key": "adder", "version": "0" * 64},
    "hyperparameters": {},
}


def test_the_method_sft_is_full() -> None:
    assert RunSpec.model_validate(OLD).method == "full"


def test_settings_that_are_not_used_are_left_out_of_the_json() -> None:
    spec = RunSpec(
        run_id="one", base_model_id="tiny-gemma3", dataset=DatasetRef(key="adder", version=""), hyperparameters={}
    )
    written = spec.model_dump(mode="json")
    assert not {"prompt", "lora_max_rank", "rungs"} & written.keys()
    assert not {"temperature", "samples"} & written["evaluation"].keys()


def test_the_settings_of_prompts_are_read_back() -> None:
    spec = RunSpec.model_validate({**OLD, "prompt": {"system": "Be brief.", "examples": 2}})
    assert RunSpec.model_validate_json(spec.model_dump_json()).prompt == PromptSpec(system="Be brief.", examples=2)
