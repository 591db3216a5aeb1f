"""Method and prompt of a job: resolved at creation, kept by whatever copies it, and given to its trials."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import TrialKind
from tuning.domain.sampling.proposal import Proposal
from tuning.ledger.assign import next_trial
from tuning.ledger.files import request_of
from tuning.models import TuningJob
from tuning.services.clone import clone_job
from tuning.services.jobs import create_job, update_job
from tunix.api.exceptions import InvalidInput
from tunix.pipeline.spec import PromptSpec
from tunix.runs.models import TunixRun

from ...tests.factories import job_request, make_added_model, make_job
from ...tests.ledger_steps import complete, running_job, take

pytestmark = pytest.mark.django_db

PROMPT = {"format": "chat", "template": "Intent of: {prompt}", "system": "Be brief.", "examples": 2, "too_long": "drop"}


def lora_job(**overrides: Any) -> TuningJob:
    return create_job(data=job_request(base_model_id=make_added_model().base_model_id, **overrides), owner=None)


def test_a_built_in_model_is_trained_in_full() -> None:
    assert create_job(data=job_request(method="auto"), owner=None).method == "full"


def test_a_model_from_a_folder_gets_adapters() -> None:
    assert lora_job().method == "lora"


def test_the_prompt_is_stored_complete() -> None:
    assert lora_job(prompt_json={"examples": 2}).prompt_json == PromptSpec(examples=2).model_dump()


def test_adapters_on_a_built_in_model_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_job(data=job_request(method="qlora"), owner=None)

    assert list(refused.value.errors) == ["method"]


def test_a_change_to_a_base_model_that_the_method_does_not_suit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Set method to full"):
        update_job(job=lora_job(), data={"base_model_id": "tiny-gemma3"}, actor=None)


def test_a_clone_keeps_both() -> None:
    copy = clone_job(job=lora_job(method="qlora", prompt_json=PROMPT), data={}, actor=None)

    assert (copy.method, copy.prompt_json) == ("qlora", PROMPT)


def test_a_definition_that_was_exported_gives_the_same_job() -> None:
    job = lora_job(method="full", prompt_json=PROMPT)

    assert request_of(create_job(data=request_of(job), owner=None)) == request_of(job)


def test_jobs_from_before_there_were_methods_are_full() -> None:
    job = make_job()

    assert (job.method, job.prompt) == ("full", PromptSpec())


def test_trials_get_method_and_prompt() -> None:
    job = running_job(method="lora", prompt_json=PROMPT)

    spec = TunixRun.objects.get(pk=take(job).run_id).spec

    assert (spec.method, spec.prompt) == ("lora", PromptSpec(**PROMPT))


def test_trials_share_the_largest_rank_of_the_job() -> None:
    space = {"lora_rank": {"type": "choice", "values": [4, 32]}, "learning_rate": {"type": "constant", "value": 1e-3}}
    job = running_job(method="lora", search_space_json=space)
    smaller = {"lora_rank": 4, "learning_rate": 1e-3}

    assignment = next_trial(job.pk, 1, lambda slot: Proposal(smaller))

    spec = TunixRun.objects.get(pk=assignment.run_id).spec
    assert (spec.hyperparameters["lora_rank"], spec.lora_max_rank) == (4, 32)


def test_the_untuned_trial_has_no_adapters() -> None:
    fixed, controls = {"num_epochs": 1, "lora_rank": 16}, {"controls": True, "seeds": 1}
    job = running_job(method="lora", fixed_params_json=fixed, confirmation_json=controls)
    default = take(job)
    complete(job, default)

    spec = TunixRun.objects.get(pk=take(job).run_id).spec

    assert (spec.lora_max_rank, "lora_rank" in spec.hyperparameters) == (0, False)
    assert TunixRun.objects.get(pk=default.run_id).spec.lora_max_rank == 16


def test_the_untuned_trial_reads_the_same_prompts() -> None:
    job = running_job(method="lora", prompt_json=PROMPT, confirmation_json={"controls": True, "seeds": 1})
    complete(job, take(job))

    assignment = take(job)

    spec = TunixRun.objects.get(pk=assignment.run_id).spec
    assert (assignment.kind, spec.method, spec.prompt) == (TrialKind.UNTUNED, "untuned", PromptSpec(**PROMPT))
