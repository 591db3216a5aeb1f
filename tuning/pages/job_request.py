"""Between the flat fields of the job form and the request of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.pipeline.spec_fields import AUTO, PROMPT_PATH
from tunix.runs.pages.forms import EVALUATION
from tunix.runs.pages.training_fields import PROMPT

from ..domain.early_stopping.rules import METRICS as STOPPING_METRICS
from ..domain.job_evaluation import TEST_ITEMS
from ..domain.job_sections import DEFAULT_SEEDS, DEFAULT_TOP, Confirmation

EXAMPLE: dict[str, Any] = {
    "name": "learning rate and batch size",
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "method": AUTO,
    "metric_name": "score_mean",
    "num_samples": 8,
    "max_concurrent_trials": 1,
    "search_space_json": {
        "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2},
        "batch_size": {"type": "choice", "values": [16, 32, 64]},
    },
    "constraints_json": [],
    "fixed_params_json": {"num_epochs": 3},
    "given_params_json": [],
    "evaluation_json": {
        "judge": "answer_correctness",
        "split": "validation",
        "max_items": 256,
        "test_items": TEST_ITEMS,
        "max_new_tokens": 8,
    },
    "algorithm_json": {"name": "tpe"},
    "warm_start_json": None,
    "confirmation_json": Confirmation(controls=True, automatic=False, top=DEFAULT_TOP, seeds=DEFAULT_SEEDS).to_json(),
    "guards_json": [],
    "objectives_json": None,
    "seed": 0,
    "project": "default",
}
"""A job that works on a fresh installation: the form starts with it."""

BUDGET = (
    "max_seconds",
    "max_failed_trials",
    "max_trial_seconds",
    "max_judge_cost",
    "target_value",
    "no_improvement_trials",
)
CONFIRMATION = {
    "controls": "controls",
    "automatic": "automatic",
    "top": "finalists",
    "seeds": "seeds",
    "max_seeds": "max_seeds",
    "margin": "margin",
}
JOB_EVALUATION = (*EVALUATION, "test_items", "racing")
SECTIONS: dict[str, dict[str, str]] = {
    PROMPT_PATH: PROMPT,
    "evaluation_json": {name: name for name in JOB_EVALUATION},
    "confirmation_json": CONFIRMATION,
    "budget_json": {name: name for name in BUDGET},
}
"""The fields that hold the members of a section, by member."""

FIELD_OF_PATH = {
    **{f"{section}.{member}": field for section, fields in SECTIONS.items() for member, field in fields.items()},
    "algorithm_json.replicates": "replicates",
    "algorithm_json.name": "sampler",
    "algorithm_json": "sampler_options",
    "early_stopping_json.name": "stopper",
    "early_stopping_json.metric": "stopping_metric",
    "early_stopping_json.grace": "grace",
    "early_stopping_json": "stopper",
    "resources_json": "threads",
}
"""Paths of the API whose field has another name on the page. All other fields have the same name."""
REQUEST_NAMES = frozenset(EXAMPLE) | {"notes"}


def data_of_sections(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a request, from the form's fields."""
    data = {
        section: {member: cleaned[field] for member, field in fields.items()} for section, fields in SECTIONS.items()
    }
    failed = cleaned["max_failed_trials"]
    data["budget_json"]["max_failed_trials"] = int(failed) if failed.isascii() and failed.isdigit() else failed or None
    return data


def initial_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields for a request."""
    flat = {name: value for name, value in request.items() if name in REQUEST_NAMES | {"metric_mode"}}
    for section, fields in SECTIONS.items():
        members = request.get(section, {})
        flat |= {field: members[member] for member, field in fields.items() if member in members}
    options = dict(request["algorithm_json"])
    flat |= {"sampler": options.pop("name"), "replicates": options.pop("replicates", 1)}
    flat["sampler_options"] = options or None
    stopping = request.get("early_stopping_json") or {}
    flat |= {"stopper": stopping.get("name", ""), "grace": stopping.get("grace")}
    flat["stopping_metric"] = stopping.get("metric", STOPPING_METRICS[0])
    if "resources_json" in request:
        flat["threads"] = request["resources_json"]["threads"]
    return flat
