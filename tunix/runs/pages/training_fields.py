"""Form fields that jobs and runs share: the method, the prompt, and how answers are drawn."""

from __future__ import annotations

from django import forms

from tunix.pages.verbatim_field import VerbatimTextField
from tunix.pipeline.spec import EvaluationSpec, PromptSpec
from tunix.pipeline.spec_fields import AUTO, FORMATS, METHODS, TOO_LONG

from ..field_help import HELP

PROMPT = {
    "format": "prompt_format",
    "template": "prompt_template",
    "system": "system_prompt",
    "examples": "examples",
    "too_long": "too_long",
}
"""The fields that hold the members of `prompt_json`, by member."""

_DEFAULT, _EVALUATION = PromptSpec(), EvaluationSpec()


class TrainingFields(forms.Form):
    """To be inherited by the form of a job and that of a run."""

    method = forms.ChoiceField(choices=[(name, name) for name in METHODS], initial=AUTO, help_text=HELP["method"])
    prompt_format = forms.ChoiceField(
        choices=[(name, name) for name in FORMATS], initial=_DEFAULT.format, label="Format", help_text=HELP["format"]
    )
    prompt_template = VerbatimTextField(
        required=False, initial=_DEFAULT.template, label="Template", help_text=HELP["template"]
    )
    system_prompt = VerbatimTextField(required=False, label="System prompt", help_text=HELP["system"])
    examples = forms.IntegerField(initial=_DEFAULT.examples, help_text=HELP["examples"])
    too_long = forms.ChoiceField(
        choices=[(name, name) for name in TOO_LONG],
        initial=_DEFAULT.too_long,
        label="Rows that are too long",
        help_text=HELP["too_long"],
    )
    temperature = forms.FloatField(initial=_EVALUATION.temperature, help_text=HELP["temperature"])
    samples = forms.IntegerField(initial=_EVALUATION.samples, help_text=HELP["samples"])

    def prompt_fields(self) -> list[forms.BoundField]:
        """Those of the prompt, which the page shows folded."""
        return [self[name] for name in PROMPT.values()]

    def is_prompt_shown(self) -> bool:
        """Whether the page opens with them: if one has an error, or another value than its default."""
        return any(field.errors or _is_changed(field) for field in self.prompt_fields())


def _is_changed(field: forms.BoundField) -> bool:
    shown, default = (value if value is not None else "" for value in (field.value(), field.field.initial))
    return str(shown) != str(default)
