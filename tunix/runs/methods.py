"""Which methods train a base model, and which prompts it reads: what the model decides about a request."""

from __future__ import annotations

from tunix.api.exceptions import Errors
from tunix.pipeline.models.base_models import BASE_MODELS
from tunix.pipeline.models.promoted import PREFIX
from tunix.pipeline.spec import ADAPTED, Method, PromptSpec
from tunix.pipeline.spec_fields import PROMPT_PATH

from .models import BaseModel

_NEEDS_A_TEMPLATE = ("template", "system", "examples")


def is_from_folder(model: BaseModel) -> bool:
    """Whether it was added as a folder, or promoted from a run that began with such a model, however long ago."""
    if model.source == BaseModel.Source.ADDED:
        return True
    ancestors = model.lineage_json.get("ancestors", [])
    root = ancestors[-1]["base_model_id"] if ancestors else ""
    return bool(root) and root not in BASE_MODELS and not root.startswith(PREFIX)


def default_method(model: BaseModel) -> Method:
    """What `auto` means: adapters for a model from a folder, all weights for a small built-in one."""
    return "lora" if is_from_folder(model) else "full"


def unsuitable(model: BaseModel, method: Method, prompt: PromptSpec) -> Errors:
    """Why this model cannot be trained with a method, or read prompts of this kind, by path."""
    errors: Errors = {}
    if prompt.format == "chat" and not model.chat_template:
        errors[f"{PROMPT_PATH}.format"] = [f"{model.base_model_id} has no chat template. Set format to text or auto."]
    if is_from_folder(model):
        return errors
    if method in ADAPTED:
        errors["method"] = [
            f"{model.base_model_id} is a built-in model, which is trained in full. Set method to full, or add a model"
            " from a folder."
        ]
    default = PromptSpec()
    for name in _NEEDS_A_TEMPLATE:
        if getattr(prompt, name) != getattr(default, name):
            errors[f"{PROMPT_PATH}.{name}"] = [
                f"{model.base_model_id} is a built-in model, which reads the prompts of the rows as they are. Leave"
                f" {name} out, or add a model from a folder."
            ]
    return errors
