"""Creating a single run, and every way in which its description can be wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.pipeline.spec import PromptSpec
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.services import create_run
from tunix.runs.tests.factories import ASKED

pytestmark = pytest.mark.django_db


def test_run_waits_for_a_worker(user: Any) -> None:
    run = create_run(data=ASKED, owner=user)
    assert (run.status, run.origin, run.owner) == (RunStatus.PENDING, RunOrigin.SINGLE, user)


def test_worker_is_woken_on_commit(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = create_run(data=ASKED, owner=None)
    assert sent_tasks == [("tunix.runs.run_training", [str(run.pk)])]


def test_run_for_the_foreground_wakes_nobody(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        create_run(data=ASKED, owner=None, dispatched=False)
    assert sent_tasks == []


def test_spec_has_every_default_filled_in() -> None:
    run = create_run(data=ASKED | {"hyperparameters_json": {"learning_rate": 1e-3, "seed": 7}}, owner=None)
    assert run.spec.run_id == run.run_id
    assert run.spec.dataset.version == run.dataset.version
    assert run.spec.hyperparameters["learning_rate"] == 1e-3
    assert run.spec.hyperparameters["optimizer"] == "adamw"
    assert (run.seed, run.spec.threads, run.spec.evaluation.judge) == (7, 1, "answer_correctness")


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"dataset_key": "arithmetik-v1"}, "dataset_key", "Did you mean 'arithmetic-v1'?"),
        ({"dataset_key": None}, "dataset_key", "Required."),
        ({"dataset_key": ["arithmetic-v1"]}, "dataset_key", "Must be text."),
        ({"base_model_id": "tiny-gema3"}, "base_model_id", "Did you mean 'tiny-gemma3'?"),
        ({"base_model_id": "gpt"}, "base_model_id", "Known: small-gemma3, tiny-gemma3."),
        ({"hyperparameters_json": {"lerning_rate": 1}}, "hyperparameters_json.lerning_rate", "'learning_rate'"),
        ({"hyperparameters_json": {"batch_size": 0}}, "hyperparameters_json.batch_size", "at least 1"),
        ({"hyperparameters_json": [1]}, "hyperparameters_json", "Must be an object."),
        (
            {"hyperparameters_json": {"num_steps": 1, "num_epochs": 1}},
            "hyperparameters_json.num_steps",
            "not both",
        ),
        (
            {"evaluation_json": {"judge": "numeric_mach"}},
            "evaluation_json.judge",
            "Did you mean 'numeric_match'?",
        ),
        ({"evaluation_json": {"judge": ["x"]}}, "evaluation_json.judge", "Must be one of answer_correctness"),
        ({"evaluation_json": {"split": "dev"}}, "evaluation_json.split", "one of train, validation, test"),
        ({"evaluation_json": {"max_items": 0}}, "evaluation_json.max_items", "whole number from 1 to 100,000"),
        ({"evaluation_json": {"max_items": 1.5}}, "evaluation_json.max_items", "Must be a whole number."),
        ({"evaluation_json": {"items": 5}}, "evaluation_json.items", "Did you mean 'max_items'?"),
        ({"evaluation_json": 5}, "evaluation_json", "Must be an object."),
        ({"resources_json": {"threads": True}}, "resources_json.threads", "Must be a whole number."),
        ({"resources_json": {"threads": 2000}}, "resources_json.threads", "whole number from 1 to 1,024"),
        ({"resources_json": {"gpus": 1}}, "resources_json.gpus", "Unknown field."),
        ({"name": "x" * 201}, "name", "at most 200 characters."),
        ({"name": 5}, "name", "Must be text."),
        ({"project": "a b"}, "project", "letters, digits"),
        ({"hyperparameter_json": {}}, "hyperparameter_json", "Did you mean 'hyperparameters_json'?"),
    ],
)
def test_fault_is_named_by_its_path(change: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_run(data=ASKED | change, owner=None)
    assert list(caught.value.errors) == [path]
    assert message in caught.value.errors[path][0]
    assert not TunixRun.objects.exists()


def test_all_faults_are_named_at_once() -> None:
    wrong = {"dataset_key": "x", "resources_json": {"threads": 0}, "evaluation_json": {"judge": "x"}}
    with pytest.raises(InvalidInput) as caught:
        create_run(data=wrong, owner=None)
    assert set(caught.value.errors) == {
        "dataset_key",
        "base_model_id",
        "resources_json.threads",
        "evaluation_json.judge",
    }


@pytest.mark.parametrize("data", [[], "run", None, 5])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInput):
        create_run(data=data, owner=None)


def test_unknown_judge_does_not_hide_other_faults_of_the_evaluation() -> None:
    with pytest.raises(InvalidInput) as caught:
        create_run(data=ASKED | {"evaluation_json": {"judge": "x", "max_items": 0}}, owner=None)
    assert set(caught.value.errors) == {"evaluation_json.judge", "evaluation_json.max_items"}


ADDED = ASKED | {"base_model_id": "some-llama"}


@pytest.fixture
def added_model() -> BaseModel:
    columns = {"family": "llama3", "source": "added", "parameters": 1_000, "content_hash": "0" * 64}
    return BaseModel.objects.create(base_model_id="some-llama", **columns)


def test_run_of_a_model_from_a_folder_trains_adapters(added_model: BaseModel) -> None:
    run = create_run(data=ADDED, owner=None)
    assert (run.method, run.spec.method) == ("lora", "lora")


def test_prompt_is_part_of_the_spec(added_model: BaseModel) -> None:
    prompt = {"system": "Be brief.", "examples": 2}
    assert create_run(data=ADDED | {"prompt_json": prompt}, owner=None).spec.prompt == PromptSpec(**prompt)


def test_adapters_on_a_built_in_model_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_run(data=ASKED | {"method": "lora", "prompt_json": {"format": "chat"}}, owner=None)
    assert set(refused.value.errors) == {"method", "prompt_json.format"}


def test_run_with_adapters_has_their_hyperparameters(added_model: BaseModel) -> None:
    spec = create_run(data=ADDED | {"hyperparameters_json": {"lora_rank": 4}}, owner=None).spec
    assert (spec.hyperparameters["lora_rank"], spec.hyperparameters["lora_targets"]) == (4, "all")


def test_full_run_has_no_hyperparameters_of_adapters() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_run(data=ASKED | {"hyperparameters_json": {"lora_rank": 4}}, owner=None)
    assert list(refused.value.errors) == ["hyperparameters_json.lora_rank"]
