"""The form of a single run."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.api.exceptions import Errors
from tunix.pages.json_field import JSONTextField
from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES

from ..filters import base_model_choices, datasets
from .training_fields import PROMPT, TrainingFields

EVALUATION = ("judge", "judge_options", "split", "max_items", "max_new_tokens", "temperature", "samples")
OPTIONS_HELP = 'Such as {"relative_tolerance": 0.01} for numeric_match. Empty: none.'


def dataset_choices() -> list[tuple[str, str]]:
    return [(key, key) for key in datasets().values_list("key", flat=True)]


class RunForm(TrainingFields):
    """The definition of a single run. The service checks hyperparameters and ranges."""

    name = forms.CharField(max_length=200, required=False)
    project = forms.CharField(max_length=64, initial="default", help_text="Groups runs in filters.")
    dataset_key = forms.ChoiceField(choices=dataset_choices, label="Dataset")
    base_model_id = forms.ChoiceField(choices=base_model_choices, label="Base model")
    hyperparameters_json = JSONTextField(
        rows=6,
        required=False,
        label="Hyperparameters",
        initial={"learning_rate": 3e-3, "batch_size": 32, "num_epochs": 3},
        help_text="All others have their defaults.",
    )
    judge = forms.ChoiceField(choices=[(name, name) for name in JUDGES])
    judge_options = JSONTextField(rows=2, required=False, label="Judge options", help_text=OPTIONS_HELP)
    split = forms.ChoiceField(
        choices=[(name, name) for name in SPLITS], initial="validation", help_text="The rows to evaluate on."
    )
    max_items = forms.IntegerField(label="Max rows", initial=256)
    max_new_tokens = forms.IntegerField(label="Max new tokens", initial=8, help_text="Generated per row.")

    FIELDSETS = {
        "Run": ("name", "project", "dataset_key", "base_model_id", "method"),
        "Training": ("hyperparameters_json",),
        "Evaluation": EVALUATION,
    }

    def fieldsets(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in groups, each with a legend."""
        return [(title, [self[name] for name in names]) for title, names in self.FIELDSETS.items()]

    def to_data(self) -> dict[str, Any]:
        """The equivalent request body of the API."""
        cleaned = self.cleaned_data
        data = {name: cleaned[name] for name in cleaned if name not in (*EVALUATION, *PROMPT.values())}
        data["hyperparameters_json"] = cleaned["hyperparameters_json"] or {}
        data["prompt_json"] = {member: cleaned[name] for member, name in PROMPT.items()}
        return data | {"evaluation_json": {name: cleaned[name] for name in EVALUATION}}

    def add_errors(self, errors: Errors) -> None:
        """Adds a service's errors to their fields, with the path if a field contains several values."""
        for path, texts in errors.items():
            head, _, rest = path.partition(".")
            member = rest.partition(".")[0]
            field = member if head == "evaluation_json" and member in self.fields else head
            field = PROMPT.get(rest, head) if head == "prompt_json" else field
            for text in texts:
                is_whole = not rest or field in (rest, PROMPT.get(rest))
                self.add_error(field if field in self.fields else None, text if is_whole else f"{path}: {text}")
